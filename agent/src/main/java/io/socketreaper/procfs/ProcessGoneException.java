package io.socketreaper.procfs;

import java.io.IOException;

/** There is no such process, or not any more. */
public final class ProcessGoneException extends IOException {
    private static final long serialVersionUID = 1;

    ProcessGoneException(String message) {
        super(message);
    }
}
