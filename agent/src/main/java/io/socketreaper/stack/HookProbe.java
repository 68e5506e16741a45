package io.socketreaper.stack;

/**
 * The self-test of one stack: half-closes, reads and closes a socket of its own on the loopback interface and checks that the
 * hook tells of it. Without it an agent with a broken hook would never report a leak, and would not say why.
 */
public interface HookProbe {
    /** @param dead true if a socket was half-closed and the hook missed something */
    record Result(boolean passed, boolean dead, String text) {
        /** The result for a stack without a test: the weaving has checked that the woven code can be linked. */
        static final Result NOT_TESTED = new Result(true, false, "woven");

        /**
         * @param why an exception or a text
         * @throws SecurityException if it is one: that is no matter of sockets
         */
        public static Result couldNotRun(Object why) {
            if (why instanceof SecurityException refused) {
                throw refused;
            }
            return new Result(false, false, String.valueOf(why));
        }
    }

    /** What it does with an object of its own, for the log line that says that the hook missed something. */
    default String what() {
        return "half-closed a socket";
    }

    /** Reaper thread only. Resolves no name; every wait is bounded. */
    Result run(SocketStack stack);
}
