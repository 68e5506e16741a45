package io.socketreaper.testapp.corpus;

import io.socketreaper.testapp.SocketDescriptors;
import io.socketreaper.testapp.Stalls;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * One run of a corpus program. It reads {@code CONNECTIONS WATCH_SECONDS} from the command line and ends with one RESULT
 * line on standard output. Thread-safe.
 */
public final class CorpusRun {
    private static final long LOOK_EVERY_MILLIS = 20;
    private static final long SETTLE = TimeUnit.MILLISECONDS.toNanos(1000);
    private static final long EXIT = TimeUnit.SECONDS.toNanos(5);
    private static final long REQUEST_EVERY_MILLIS = 300;

    private static final List<Path> TCP = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

    private final String name;
    private final int connections;
    private final int watchSeconds;
    private final Queue<Object> kept = new ConcurrentLinkedQueue<>();
    private final Queue<String> damage = new ConcurrentLinkedQueue<>();
    private final Queue<Supplier<String>> lastLines = new ConcurrentLinkedQueue<>();
    private final AtomicLong checked = new AtomicLong();
    private final AtomicInteger callbacks = new AtomicInteger();
    private int baseline;

    /** @param arguments how many connections to make, and for how many seconds to watch what was leaked */
    public CorpusRun(String name, String[] arguments) {
        this.name = name;
        this.connections = Integer.parseInt(arguments[0]);
        this.watchSeconds = Integer.parseInt(arguments[1]);
    }

    public int connections() {
        return connections;
    }

    /** For how long a well-behaved program keeps its load up, or a leaking one is watched; seconds. */
    public int watchSeconds() {
        return watchSeconds;
    }

    /** Keeps an object reachable until the process ends. */
    public void keep(Object object) {
        kept.add(object);
    }

    /** Bytes that were compared with what they should be and were right. */
    public void checked(long bytes) {
        checked.addAndGet(bytes);
    }

    /** The same for a text of ASCII; another one is damage. */
    public void checkedText(String expected, String actual) {
        if (!expected.equals(actual)) {
            damaged("'" + actual + "' instead of '" + expected + "'");
        }
        checked(expected.length());
    }

    /** Something a user would call broken. */
    public void damaged(String what) {
        damage.add(what);
    }

    /** A library has told the program that a connection is closed which it makes after the {@link #baseline}. */
    public void callback() {
        callbacks.incrementAndGet();
    }

    /** How often {@link #callback} was called; since the {@link #baseline}, once that was taken. */
    public int callbacks() {
        return callbacks.get();
    }

    /** A line to print before the RESULT line, made when all else is over. */
    public void beforeTheEnd(Supplier<String> line) {
        lastLines.add(line);
    }

    /** Counts the sockets that are not leaks: what the program has open before its story begins. */
    public void baseline() throws IOException, InterruptedException {
        baseline = SocketDescriptors.settled();
        callbacks.set(0);
    }

    /** Sockets of this process beyond the {@link #baseline}. */
    public int held() throws IOException {
        return SocketDescriptors.count() - baseline;
    }

    /** Connections to a port that are in CLOSE_WAIT: the server on that port has ended them. */
    public static long closedByPeer(int port) throws IOException {
        return connections(".*:%04X 08 .*".formatted(port));
    }

    /** Connections from a port of this process that are in CLOSE_WAIT: the clients have ended them. */
    static long endedByClients(int port) throws IOException {
        return connections(" *[0-9]+: [0-9A-F]+:%04X [0-9A-F]+:[0-9A-F]{4} 08 .*".formatted(port));
    }

    private static long connections(String pattern) throws IOException {
        var line = Pattern.compile(pattern);
        long found = 0;
        for (var table : TCP) {
            // The table changes while it is read, and may then show a line twice, with another number before the first
            // colon.
            found += Files.readAllLines(table).stream()
                    .filter(each -> line.matcher(each).matches())
                    .map(each ->
                            each.substring(each.indexOf(':')).substring(0, each.indexOf(" 08 ") - each.indexOf(':')))
                    .distinct()
                    .count();
        }
        return found;
    }

    /** Waits until something holds, at most half a minute. */
    public void await(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("did not happen within 30 s: " + what);
            }
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
    }

    /** Something to wait for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /**
     * The leaks are made: watches them until none is held or the time is over, prints
     * {@code RESULT case=... leaked=N held=N released_ms=... stalled_until_ms=... callbacks=N} and ends the
     * process. Both times count from here; {@code released_ms} is -1 when some are still held.
     */
    public void leaked() throws Exception {
        long start = System.nanoTime();
        int leaked = held();
        System.out.println("LEAKED " + leaked);
        var stalls = new Stalls(start, Duration.ofMillis(LOOK_EVERY_MILLIS));
        int held = leaked;
        while (held > 0 && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(watchSeconds)) {
            Thread.sleep(LOOK_EVERY_MILLIS);
            held = held();
            stalls.look();
        }
        long took = held > 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        settle();
        end("leaked=" + leaked + " held=" + held + " released_ms=" + took + " stalled_until_ms=" + stalls.untilMillis()
                + " callbacks=" + callbacks.get());
        exit();
    }

    /** A request of a service: numbered from 0, leaves something open. */
    @FunctionalInterface
    public interface Request {
        void send(int number) throws Exception;
    }

    /**
     * Sends request after request, each of which leaves something open: as many as {@link #connections}, for as long as
     * {@link #watchSeconds}. Then, or when its test ends first, the process ends.
     */
    public void pileUp(Request request) {
        long start = System.nanoTime();
        try {
            for (int i = 0; i < connections && isWatched(start); i++) {
                request.send(i);
                Thread.sleep(REQUEST_EVERY_MILLIS);
            }
            while (isWatched(start)) {
                Thread.sleep(REQUEST_EVERY_MILLIS);
            }
        } catch (Exception e) {
            // else its message is in the output only if the process ends in order
            e.printStackTrace();
            damaged("a request: " + e);
        }
        halt();
    }

    /** What a well-behaved program does again and again; a few seconds at most at a time. */
    @FunctionalInterface
    public interface Work {
        /** @param part of the run that is over, 0 to 1 */
        void work(double part) throws Exception;
    }

    /** Prints {@code READY}, and works again and again for {@link #watchSeconds}; what it throws counts as damage and ends the work. */
    public void forAsLongAsItIsWatched(Work work) {
        System.out.println("READY");
        long start = System.nanoTime();
        try {
            while (isWatched(start)) {
                work.work((System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(watchSeconds));
            }
        } catch (Exception e) {
            damaged(e.toString());
        }
    }

    private boolean isWatched(long start) {
        return System.nanoTime() - start < TimeUnit.SECONDS.toNanos(watchSeconds);
    }

    /** The load is over: prints {@code RESULT case=... bytes=N damaged=N} and ends the process. */
    public void intact() {
        settle();
        intactSoFar();
        halt();
    }

    /**
     * The load is over and its connections stay: prints what {@link #intact} prints, and ends the process when its standard input
     * ends.
     */
    public void stays() throws IOException {
        intactSoFar();
        System.in.transferTo(OutputStream.nullOutputStream());
        halt();
    }

    private void intactSoFar() {
        end("bytes=" + checked.get() + " damaged=" + damage.size());
    }

    /** The agent writes its report, and a library calls back, a moment after the descriptor is gone. */
    private static void settle() {
        LockSupport.parkNanos(SETTLE);
    }

    private void end(String fields) {
        lastLines.forEach(line -> System.out.println(line.get()));
        damage.forEach(what -> System.out.println("DAMAGED " + what));
        System.out.println("RESULT case=" + name + " " + fields);
        System.out.flush();
    }

    /** In order, because then the agent writes the counts that it still has; a library whose exit hook hangs is not waited for. */
    private void exit() {
        var impatient = new Thread(
                () -> {
                    LockSupport.parkNanos(EXIT);
                    halt();
                },
                "end of the run");
        impatient.setDaemon(true);
        impatient.start();
        System.exit(status());
    }

    /** Libraries leave threads behind; what is open stays open, because closing would look like a cure. */
    private void halt() {
        Runtime.getRuntime().halt(status());
    }

    private int status() {
        return damage.isEmpty() ? 0 : 3;
    }
}
