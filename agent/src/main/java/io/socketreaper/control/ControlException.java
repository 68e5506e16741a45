package io.socketreaper.control;

/** A request that could not be met. The message is for the operator: what was asked, why not, what is valid. */
public sealed class ControlException extends RuntimeException permits NotAnsweredException {
    private static final long serialVersionUID = 1L;

    public ControlException(String message) {
        super(message, null, false, false);
    }
}
