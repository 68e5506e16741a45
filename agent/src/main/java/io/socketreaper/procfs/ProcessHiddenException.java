package io.socketreaper.procfs;

import java.io.IOException;

/** The process is there, and the kernel does not show it to this user. */
public final class ProcessHiddenException extends IOException {
    private static final long serialVersionUID = 1;

    ProcessHiddenException(String message) {
        super(message);
    }
}
