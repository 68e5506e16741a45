package io.socketreaper.owner.relocated.eclipse.jetty.client.internal;

import java.util.List;

/** What a relocated Jetty's client looks like to the agent. */
public class HttpConnectionOverHTTP {
    private final List<String> calls;

    public HttpConnectionOverHTTP(List<String> calls) {
        this.calls = calls;
    }

    protected void close(Throwable cause) {
        calls.add("client: " + cause.getMessage());
    }
}
