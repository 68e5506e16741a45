package io.socketreaper.stack;

/** Tells whether the JVM has begun to end. */
final class JvmShutdown {
    private JvmShutdown() {}

    /**
     * From then on classes are no longer woven and threads of the application may end at any point, so a failure does not mean
     * that the internals of this JDK are unknown. Any thread.
     */
    static boolean hasBegun() {
        try {
            var never = new Thread(null, null, "socket-reaper-nothing", 0, false);
            Runtime.getRuntime().addShutdownHook(never);
            Runtime.getRuntime().removeShutdownHook(never);
            return false;
        } catch (IllegalStateException shutdownInProgress) {
            return true;
        } catch (SecurityException | OutOfMemoryError notTold) {
            return false;
        }
    }
}
