package io.socketreaper.weave;

/** A class of the JDK lacks a member that the weaving or the release rests on. */
public final class UnknownInternalsException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnknownInternalsException(String missing) {
        super(missing);
    }
}
