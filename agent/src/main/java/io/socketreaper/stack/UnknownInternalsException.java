package io.socketreaper.stack;

/** A class lacks a member that the weaving needs. */
public final class UnknownInternalsException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnknownInternalsException(String missing) {
        super(missing);
    }
}
