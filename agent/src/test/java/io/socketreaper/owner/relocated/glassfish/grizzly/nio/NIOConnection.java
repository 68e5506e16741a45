package io.socketreaper.owner.relocated.glassfish.grizzly.nio;

/** What a relocated Grizzly's connection looks like to the agent. */
public abstract class NIOConnection {
    private int terminations;

    public void terminateSilently() {
        terminations++;
    }

    public int terminations() {
        return terminations;
    }
}
