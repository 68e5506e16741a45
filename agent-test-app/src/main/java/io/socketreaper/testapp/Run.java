package io.socketreaper.testapp;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What one run of a scenario is told and what it tells back. Thread-safe. */
public final class Run {
    private final int sockets;
    private final Duration reaperTimeout;
    private final Queue<Object> kept = new ConcurrentLinkedQueue<>();
    private final Queue<String> damage = new ConcurrentLinkedQueue<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger repliesComplete = new AtomicInteger();
    private final AtomicInteger peerEof = new AtomicInteger();
    private final AtomicInteger peerReset = new AtomicInteger();

    /**
     * @param sockets       how many connections to play, at least 1
     * @param reaperTimeout the {@code timeout} the agent is assumed to run with; pauses of well-behaved scenarios are
     *                      derived from it
     */
    public Run(int sockets, Duration reaperTimeout) {
        this.sockets = sockets;
        this.reaperTimeout = reaperTimeout;
    }

    public int sockets() {
        return sockets;
    }

    public Duration reaperTimeout() {
        return reaperTimeout;
    }

    /** Keeps an object reachable until the process ends, as a connection registry of an application would. */
    public void keep(Object leaked) {
        kept.add(leaked);
    }

    /** A connection was established (counted once per connection, on the side that may leak it). */
    public void opened() {
        opened.incrementAndGet();
    }

    /** A client got its whole reply, byte for byte. */
    public void replyComplete() {
        repliesComplete.incrementAndGet();
    }

    /** A client saw an orderly end of the connection (FIN). */
    public void peerEof() {
        peerEof.incrementAndGet();
    }

    /** A client saw a reset (RST). */
    public void peerReset() {
        peerReset.incrementAndGet();
    }

    /** Something a user would call broken: a missing byte, a wrong checksum, an unexpected exception in server or client. */
    public void damaged(String what) {
        damage.add(what);
    }

    public int openedCount() {
        return opened.get();
    }

    public int repliesCompleteCount() {
        return repliesComplete.get();
    }

    public int peerEofCount() {
        return peerEof.get();
    }

    public int peerResetCount() {
        return peerReset.get();
    }

    public Queue<String> damage() {
        return damage;
    }
}
