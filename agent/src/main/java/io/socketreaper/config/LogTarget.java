package io.socketreaper.config;

import org.jspecify.annotations.Nullable;

/**
 * Where the log goes.
 *
 * @param text        as the operator wrote it
 * @param json        whether it is JSON lines
 * @param application whether it is the application's own log
 * @param path        the file, as the operator wrote it; null if it is no file
 */
public record LogTarget(
        String text,
        boolean json,
        boolean application,
        @Nullable String path) {
    /** Text on standard error, the default. */
    public boolean isUsual() {
        return !json && !application && path == null;
    }
}
