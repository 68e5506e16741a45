package io.socketreaper.owner.relocated.glassfish.grizzly;

/** A connection. */
public interface Connection {
    Object getProcessor();
}
