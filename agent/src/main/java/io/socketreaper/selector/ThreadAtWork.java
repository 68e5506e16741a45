package io.socketreaper.selector;

/** Whether a thread is at work in code of the application, or may be: it is alive, and does not wait in a thread pool for its next task. */
final class ThreadAtWork {
    private static final String POOL = "java.util.concurrent.ThreadPoolExecutor";
    private static final String[] OF_THE_JDK = {"java.", "jdk.", "sun."};

    private ThreadAtWork() {}

    /** Reaper thread. Takes the stack only of a waiting thread, which need not be stopped for it. */
    static boolean is(Thread thread) {
        return switch (thread.getState()) {
            case WAITING, TIMED_WAITING -> isAtWork(thread.getStackTrace());
            default -> thread.isAlive();
        };
    }

    private static boolean isAtWork(StackTraceElement[] stack) {
        boolean application = false;
        for (StackTraceElement frame : stack) {
            if (frame.getMethodName().equals("getTask") && frame.getClassName().equals(POOL)) {
                return false;
            }
            application |= !isOfTheJdk(frame.getClassName());
        }
        return application;
    }

    private static boolean isOfTheJdk(String name) {
        for (String prefix : OF_THE_JDK) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
