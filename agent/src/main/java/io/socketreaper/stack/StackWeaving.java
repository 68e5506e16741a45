package io.socketreaper.stack;

import java.security.ProtectionDomain;

/** The weaving of one socket stack. Called on whatever thread loads a class; must not lock, log or initialise anything. */
public interface StackWeaving {
    /** Name of the stack in log lines, e.g. {@code nio}. */
    String stack();

    /** Internal names of the classes it weaves, e.g. {@code sun/nio/ch/SocketChannelImpl}. */
    String[] classes();

    /** The class that tells, once it is loaded, that the application uses this stack. */
    String mainClass();

    /** Whether the loading of this class tells that the application uses this stack, or soon will. */
    default boolean tellsOfUse(String internalName) {
        return internalName.equals(mainClass());
    }

    /** Whether the stack is watched all the same if this class is not built the way we know; what goes unheard then, the exception says. */
    default boolean canDoWithout(String internalName) {
        return false;
    }

    /**
     * Puts the calls in.
     *
     * @throws UnknownInternalsException if the class is not built the way we know
     */
    byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException;

    /** Whether it weaves this class of an application's loader; asked about every class that is loaded. */
    default boolean weavesOfApplication(String internalName) {
        return false;
    }

    /**
     * Puts the calls into a class of an application's loader.
     *
     * @throws UnknownInternalsException if the class is not built the way we know
     */
    default byte[] weaveOfApplication(
            ClassLoader loader, ProtectionDomain domain, String internalName, byte[] classFile)
            throws UnknownInternalsException, ReflectiveOperationException {
        throw new UnknownInternalsException(internalName);
    }
}
