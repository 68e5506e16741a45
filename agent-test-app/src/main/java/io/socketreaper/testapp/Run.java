package io.socketreaper.testapp;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** What one run of a scenario is told and what it tells back. Thread-safe. */
public final class Run implements AutoCloseable {
    /** Who plays the SMTP clients. */
    public enum SmtpClient {
        /** Python where there is a python3, else Java. */
        AUTO,
        PYTHON,
        JAVA
    }

    private final int sockets;
    private final Duration reaperTimeout;
    private final SmtpClient smtpClient;
    private final Queue<Object> kept = new ConcurrentLinkedQueue<>();
    private final Queue<String> damage = new ConcurrentLinkedQueue<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger halfClosed = new AtomicInteger();
    private final AtomicInteger openPeers = new AtomicInteger();
    private final AtomicInteger repliesComplete = new AtomicInteger();
    private final AtomicInteger peerEof = new AtomicInteger();
    private final AtomicInteger peerReset = new AtomicInteger();
    private final Map<String, Supplier<?>> extras = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Queue<Runnable> lastLooks = new ConcurrentLinkedQueue<>();
    private final Deque<AutoCloseable> ends = new ArrayDeque<>();
    private volatile long lastHalfClose;

    /**
     * @param sockets       how many connections to play, at least 1
     * @param reaperTimeout the {@code timeout} the agent is assumed to run with; pauses of well-behaved scenarios are
     *                      derived from it
     */
    public Run(int sockets, Duration reaperTimeout) {
        this(sockets, reaperTimeout, SmtpClient.AUTO);
    }

    public Run(int sockets, Duration reaperTimeout, SmtpClient smtpClient) {
        this.sockets = sockets;
        this.reaperTimeout = reaperTimeout;
        this.smtpClient = smtpClient;
    }

    public int sockets() {
        return sockets;
    }

    public Duration reaperTimeout() {
        return reaperTimeout;
    }

    public SmtpClient smtpClient() {
        return smtpClient;
    }

    /** Keeps an object reachable until the process ends, as a connection registry of an application would. */
    public void keep(Object leaked) {
        kept.add(leaked);
    }

    /** A connection was established (counted once per connection, on the side that may leak it). */
    public void opened() {
        opened.incrementAndGet();
    }

    /** The side that may leak the connection has sent its FIN. */
    public void halfClosed() {
        lastHalfClose = System.nanoTime();
        halfClosed.incrementAndGet();
    }

    /** The side that may leak the connection has forgotten it without ending its own side. */
    public void forgotten() {
        halfClosed();
    }

    /** A client inside this JVM has opened its socket: it is subtracted from what is held. */
    public void peerOpened() {
        openPeers.incrementAndGet();
    }

    /** A client inside this JVM is about to close its socket. */
    public void peerClosing() {
        openPeers.decrementAndGet();
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

    /** Adds a field to the RESULT line; it is asked for its value when the line is printed. */
    public void extra(String name, Supplier<?> value) {
        extras.put(name, value);
    }

    /** Is run after the last count of what is held and before the RESULT line. */
    public void lastLook(Runnable look) {
        lastLooks.add(look);
    }

    /** Ends something the story left running on purpose, the latest first, when the next run needs a clean JVM. */
    public void endWith(AutoCloseable end) {
        synchronized (ends) {
            ends.push(end);
        }
    }

    public int openedCount() {
        return opened.get();
    }

    public int halfClosedCount() {
        return halfClosed.get();
    }

    public int openPeersCount() {
        return openPeers.get();
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

    public Map<String, Supplier<?>> extras() {
        return extras;
    }

    /** {@link System#nanoTime()} of the last half-close; meaningless while {@link #halfClosedCount()} is 0. */
    public long lastHalfCloseNanos() {
        return lastHalfClose;
    }

    void takeLastLooks() {
        lastLooks.forEach(Runnable::run);
    }

    /** Gives back everything that was kept or left running. */
    @Override
    public void close() throws Exception {
        for (var leaked : kept) {
            if (leaked instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
        kept.clear();
        synchronized (ends) {
            while (!ends.isEmpty()) {
                ends.pop().close();
            }
        }
    }
}
