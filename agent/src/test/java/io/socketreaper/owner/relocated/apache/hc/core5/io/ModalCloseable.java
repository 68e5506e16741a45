package io.socketreaper.owner.relocated.apache.hc.core5.io;

/** What a relocated HttpCore 5's interface looks like to the agent. */
@FunctionalInterface
public interface ModalCloseable {
    void close(CloseMode mode);
}
