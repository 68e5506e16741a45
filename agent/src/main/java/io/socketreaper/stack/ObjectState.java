package io.socketreaper.stack;

/**
 * What a socket's object in the JVM tells, beside what the kernel does.
 *
 * @param outputShut   the application has shut the output
 * @param inputShut    the application has shut the input
 * @param reading      a read is under way or pending
 * @param readInterest a selection key of the socket wants to be told of input
 * @param writing      a write is under way or pending, or a selection key wants to be told of room for one
 */
public record ObjectState(
        boolean outputShut, boolean inputShut, boolean reading, boolean readInterest, boolean writing) {
    /** That of an object that was collected. */
    static ObjectState collected(boolean outputWasShut) {
        return new ObjectState(outputWasShut, false, false, false, false);
    }
}
