package io.socketreaper.owner.relocated.apache.hc.core5.io;

/** How to close. */
public enum CloseMode {
    IMMEDIATE,
    GRACEFUL
}
