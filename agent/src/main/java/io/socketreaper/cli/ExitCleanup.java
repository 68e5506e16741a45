package io.socketreaper.cli;

/** Something that is to be undone even if this process is told to end meanwhile, as by Ctrl-C. */
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

    /** Whoever calls this undoes it. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // it runs
        }
    }
}
