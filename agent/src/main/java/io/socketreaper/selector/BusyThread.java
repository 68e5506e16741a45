package io.socketreaper.selector;

/** Whether a thread is at work in code of the application, as far as its state and its stack tell. */
final class BusyThread {
    private static final String POOL = "java.util.concurrent.ThreadPoolExecutor";
    private static final String[] OF_THE_JDK = {"java.", "jdk.", "sun."};

    private BusyThread() {}

    /** Takes the stack only of a waiting thread, which need not be stopped for it. */
    static boolean isBusy(Thread thread) {
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
