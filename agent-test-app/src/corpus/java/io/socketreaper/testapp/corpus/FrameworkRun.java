package io.socketreaper.testapp.corpus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * One run of a program under {@code src/corpus/frameworks}: a real server half-closes some connections without reading on, stops reading
 * from others until their clients have left, and the framework's own count of open connections is compared with the kernel's.
 * Thread-safe.
 */
public final class FrameworkRun {
    /** Of the {@link #keyStore}. */
    public static final String PASSWORD = "changeit";

    /** A client that says this will leave: the server reads no more, and does not half-close. */
    public static final String FORGET = "forget";

    private static final String TALKING = "src/corpus/frameworks/peers/read_then_talk.py";
    private static final String LEAVING = "src/corpus/frameworks/peers/stay_then_leave.py";
    private static final long GIVE_UP_SECONDS = 60;
    private static final long SETTLED_WITHIN_MILLIS = 1000;
    private static final long LOOK_EVERY_MILLIS = 20;

    private final CorpusRun run;
    private final AtomicInteger halfClosed = new AtomicInteger();
    private final AtomicInteger forgotten = new AtomicInteger();
    private final AtomicInteger callbacks = new AtomicInteger();

    public FrameworkRun(String name, String[] arguments) {
        this.run = new CorpusRun(name, arguments);
    }

    /** Keeps an object reachable until the process ends. */
    public void keep(Object object) {
        run.keep(object);
    }

    /** Waits until something holds, at most half a minute. */
    public void await(String what, CorpusRun.Condition condition) throws Exception {
        run.await(what, condition);
    }

    /** The server has half-closed a connection and does not read from it any more. */
    public void halfClosed() {
        halfClosed.incrementAndGet();
    }

    /** The server does not read from a connection any more whose client will leave. */
    public void forgotten() {
        forgotten.incrementAndGet();
    }

    /** The framework has told the application that a connection is closed. */
    public void callback() {
        callbacks.incrementAndGet();
    }

    /** A new directory for what a server writes or reads, among the build's results. */
    public static Path directory() throws IOException {
        return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "frameworks");
    }

    /** A new key store for a TLS server, type PKCS12; openssl takes a hundredth of the time that the JDK's keytool takes. */
    public static Path keyStore() throws IOException, InterruptedException {
        Path directory = directory();
        String key = directory.resolve("key.pem").toString();
        String certificate = directory.resolve("certificate.pem").toString();
        Path store = directory.resolve("keystore.p12");
        openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost",
                "-keyout",
                key,
                "-out",
                certificate);
        openssl(
                "pkcs12 -export -name server -passout pass:" + PASSWORD,
                "-inkey",
                key,
                "-in",
                certificate,
                "-out",
                store.toString());
        return store;
    }

    /**
     * Leaks the run's connections in each of the two ways, every other one with TLS, watches them until none is held or the time is
     * over, prints {@code COUNTERS open=N callbacks=N}, then the RESULT line, and ends the process.
     *
     * @param request what every client says, with {@code %s} for {@link #FORGET} or something else
     * @param open    the framework's own count of open connections
     */
    public void leak(String request, int port, int tlsPort, LongSupplier open) throws Exception {
        run.baseline();
        int overTls = run.connections() / 2;
        int overTcp = run.connections() - overTls;
        var peers = List.of(
                peers(LEAVING, tlsPort, overTls, "tls", request.formatted(FORGET)),
                peers(LEAVING, port, overTcp, "plain", request.formatted(FORGET)),
                peers(TALKING, tlsPort, overTls, "tls", request.formatted("hello")),
                peers(TALKING, port, overTcp, "plain", request.formatted("hello")));
        run.await("the half-closes", () -> halfClosed.get() >= run.connections());
        run.await("the server to forget connections", () -> forgotten.get() >= run.connections());
        for (var each : peers) {
            each.getOutputStream().close();
            finish(each);
        }
        run.beforeTheEnd(() -> counters(open));
        run.leaked();
    }

    private String counters(LongSupplier open) {
        // The descriptor goes first; the framework tells the application on threads of its own.
        long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTLED_WITHIN_MILLIS);
        while ((open.getAsLong() != 0 || callbacks.get() < 2 * run.connections()) && System.nanoTime() - giveUp < 0) {
            try {
                Thread.sleep(LOOK_EVERY_MILLIS);
            } catch (InterruptedException stop) {
                break;
            }
        }
        return "COUNTERS open=" + open.getAsLong() + " callbacks=" + callbacks.get();
    }

    private static Process peers(String story, int port, int count, String transport, String request)
            throws IOException {
        return start("python3", story, Integer.toString(port), Integer.toString(count), transport, request);
    }

    private static void openssl(String words, String... files) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words.split(" ")));
        command.addAll(List.of(files));
        finish(start(command.toArray(String[]::new)));
    }

    private static Process start(String... command) throws IOException {
        return new ProcessBuilder(command)
                .inheritIO()
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .start();
    }

    private static void finish(Process child) throws IOException, InterruptedException {
        if (!child.waitFor(GIVE_UP_SECONDS, TimeUnit.SECONDS)) {
            child.destroyForcibly();
            throw new IOException("a child process did not end within " + GIVE_UP_SECONDS + " s");
        }
        if (child.exitValue() != 0) {
            throw new IOException("a child process ended with " + child.exitValue());
        }
    }
}
