package io.socketreaper.cli;

import org.jspecify.annotations.Nullable;

/** A command has failed; the message for the user goes to standard error. */
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitCode exit;

    CliException(ExitCode exit, String message) {
        super(message);
        this.exit = exit;
    }

    CliException(ExitCode exit, @Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    ExitCode exit() {
        return exit;
    }
}
