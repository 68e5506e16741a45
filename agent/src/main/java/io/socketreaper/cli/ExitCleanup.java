package io.socketreaper.cli;

/** A clean-up that also runs if this process is interrupted, such as by Ctrl-C. */
final class ExitCleanup implements AutoCloseable {
    private final Thread hook;

    ExitCleanup(Runnable undo) {
        hook = new Thread(undo, "undo");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException ending) {
            throw new CliException(ExitCode.FAILED, "interrupted", ending);
        }
    }

    /** Runs the clean-up now, and cancels the one at exit. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // the JVM is exiting, and the hook runs
        }
    }
}
