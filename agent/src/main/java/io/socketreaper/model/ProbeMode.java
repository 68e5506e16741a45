package io.socketreaper.model;

/** When a peer is asked, by TCP keepalive, whether it still knows a connection. */
public enum ProbeMode {
    /** Where the release of the socket depends on the answer. */
    AUTO,
    /** Also where the leak would only be reported. */
    ON,
    /** Never. */
    OFF
}
