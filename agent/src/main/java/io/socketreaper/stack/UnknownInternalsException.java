package io.socketreaper.stack;

/** A class of the JDK lacks a member that the weaving or the release rests on. */
public final class UnknownInternalsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String unnoticed;

    public UnknownInternalsException(String missing) {
        this(missing, "running out of descriptors");
    }

    /** @param unnoticed what may go unnoticed if the stack is watched all the same */
    public UnknownInternalsException(String missing, String unnoticed) {
        super(missing);
        this.unnoticed = unnoticed;
    }

    /** What may go unnoticed if the stack {@linkplain StackWeaving#canDoWithout can do without} the class. */
    public String unnoticed() {
        return unnoticed;
    }
}
