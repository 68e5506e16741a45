package io.socketreaper.control;

/** A request that was refused. The message is for the operator: what was asked, why it was refused, what is valid. */
public sealed class ControlException extends RuntimeException permits NotAnsweredException {
    private static final long serialVersionUID = 1L;

    public ControlException(String message) {
        super(message, null, false, false);
    }
}
