package io.socketreaper.config;

/** Which sockets the agent keeps an eye on; written in lower case with a hyphen in every source. */
public enum Track {
    /** Those that the application has half-closed: no other socket costs anything. */
    HALF_CLOSED,
    /** Every socket, from open to close. */
    ALL
}
