package io.socketreaper.control;

/** The agent does not answer: its thread is busy, or it has been detached. The request itself is valid. */
public final class NotAnsweredException extends ControlException {
    private static final long serialVersionUID = 1L;

    public NotAnsweredException(String message) {
        super(message);
    }
}
