package io.socketreaper.weave;

/** The weaving of one socket stack. Called on whatever thread loads a class; must not lock, log or initialise anything. */
public interface StackWeaving {
    /** Name of the stack in log lines, e.g. {@code nio}. */
    String stack();

    /** Internal names of the classes it weaves, e.g. {@code sun/nio/ch/SocketChannelImpl}. */
    String[] classes();

    /** The class that tells, once it is loaded, that the application uses this stack. */
    String mainClass();

    /**
     * Puts the calls in.
     *
     * @throws UnknownInternalsException if the class is not built the way we know
     */
    byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException;
}
