package io.socketreaper.owner.relocated.eclipse.jetty.io.ssl;

import io.socketreaper.owner.relocated.eclipse.jetty.io.EndPoint;

/** What a relocated Jetty's TLS looks like to the agent. */
public final class SslConnection {
    private final EndPoint decrypted;

    public SslConnection(EndPoint decrypted) {
        this.decrypted = decrypted;
    }

    public EndPoint getSslEndPoint() {
        return decrypted;
    }
}
