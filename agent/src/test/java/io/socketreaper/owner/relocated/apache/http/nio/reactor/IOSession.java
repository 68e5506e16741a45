package io.socketreaper.owner.relocated.apache.http.nio.reactor;

/** What a relocated HttpCore 4's interface looks like to the agent. */
@FunctionalInterface
public interface IOSession {
    void shutdown();
}
