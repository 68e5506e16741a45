package io.socketreaper.testapp.corpus;

import io.socketreaper.testapp.corpus.ClientRun.Answer;
import io.socketreaper.testapp.corpus.ClientRun.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.HttpsURLConnection;

/**
 * One run of a real server under {@code src/corpus/frameworks}. Its handlers take the first bytes of a request's body and then pause until the
 * clients have sent everything and ended their side. Later they read on, and the run counts what each of them is told. The clients take
 * turns: with a length and in chunks, to {@link #BLOCKING} and to another path. Thread-safe.
 *
 * <p>Arguments: connections, seconds to watch, {@code plain} or {@code tls}; then those of the program.
 */
public final class ServerRun {
    /** After which the server must give up a client that does not finish its request. Longer than a paused handler waits. */
    public static final Duration TIMEOUT = Duration.ofSeconds(15);
    /** In the path of a request whose body the handler is to read as a stream; else it is told when there is something to read. */
    public static final String BLOCKING = "blocking";

    /** Answered to {@code GET} of any path, and to a request whose body was read to its end. */
    public static final String HELLO = "hello";

    /** More than a server takes before it pauses; the rest fits into a receive buffer. */
    private static final int SIZE = 60_000;

    private static final int FIRST = 20_000;
    private static final int MORE = 2;
    private static final int FIRST_ARGUMENT = 3;
    private static final int READ_SIZE = 4096;
    private static final long SETTLE_MILLIS = 500;
    private static final long TOLD_WITHIN_MILLIS = 4000;
    /** For its tables of connections the kernel walks through all chains of a hash table, however few they hold: 14 ms on a machine of 24 GB. */
    private static final long LOOK_EVERY_MILLIS = 100;

    private final String name;
    private final CorpusRun run;
    private final String[] arguments;
    private final List<Answer> bodies = new ArrayList<>();

    public ServerRun(String name, String[] arguments) {
        this.name = name;
        this.run = new CorpusRun(name, arguments);
        this.arguments = arguments;
    }

    public boolean isTls() {
        return arguments[2].equals("tls");
    }

    /** An argument of the program's own; the first is 0. */
    public String argument(int index) {
        return arguments[FIRST_ARGUMENT + index];
    }

    /** Keeps an object reachable until the process ends. */
    public void keep(Object object) {
        run.keep(object);
    }

    /** A request with a body has come, to this path. */
    public Answer body(String path) {
        var body = new Answer(path, SIZE);
        synchronized (bodies) {
            bodies.add(body);
        }
        return body;
    }

    /** Reads a body as a stream, with the pause. True if it was whole. */
    public static boolean readAll(InputStream from, Answer body) {
        try {
            byte[] buffer = new byte[READ_SIZE];
            for (int count = from.read(buffer); count != -1; count = from.read(buffer)) {
                if (body.take(ByteBuffer.wrap(buffer, 0, count))) {
                    var resumed = new CompletableFuture<Void>();
                    body.whenResumed(() -> resumed.complete(null));
                    resumed.join();
                }
            }
            body.ended();
        } catch (IOException | RuntimeException failed) {
            body.failed(failed);
        }
        return body.is(State.WHOLE);
    }

    /**
     * Plays it and ends the process. Prints {@code RESULT case=... held=N whole=N errors=N short=N hung=N wrong=N answered=N open=N next=N
     * timeouts=N}: connections that were not released; handlers that were given the whole body, an error, a normal end before the last
     * byte, and nothing; requests that the server has answered as if all was well (not counted with TLS); connections that it takes to be
     * open in the end; answers to new requests; clients that were given up because they did not finish their request.
     *
     * @param open the server's own count of open connections
     */
    public void play(int port, LongSupplier open) {
        try {
            playToTheEnd(port, open);
            System.out.flush();
            Runtime.getRuntime().exit(0);
        } catch (Exception failed) {
            print();
            failed.printStackTrace();
            System.exit(1);
        }
    }

    private void playToTheEnd(int port, LongSupplier open) throws Exception {
        var givenUp = CompletableFuture.supplyAsync(() -> givesUp(port));
        Process senders = new ProcessBuilder(
                        "python3",
                        "src/corpus/frameworks/peers/senders.py",
                        "" + port,
                        "" + run.connections(),
                        "" + SIZE,
                        "" + FIRST,
                        arguments[2])
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        run.await("the handlers to pause", () -> count(null) == run.connections());
        // Not before: a handler that comes late would be given all at once, and not pause.
        goOn(senders);
        run.await("the clients to end", () -> CorpusRun.endedByClients(port) >= run.connections());
        System.out.println("LEAKED " + CorpusRun.endedByClients(port));
        long over = System.nanoTime() + TimeUnit.SECONDS.toNanos(run.watchSeconds());
        // Two looks, because the kernel's table changes while it is read.
        while ((CorpusRun.endedByClients(port) > 0 || CorpusRun.endedByClients(port) > 0)
                && System.nanoTime() - over < 0) {
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
        long held = CorpusRun.endedByClients(port);
        // The consumers are to read on when the release is over.
        Thread.sleep(SETTLE_MILLIS);
        bodies.forEach(Answer::resume);
        settle(() -> count(State.HUNG));
        String outcome = " held=" + held + " whole=" + count(State.WHOLE) + " errors=" + count(State.ERROR) + " short="
                + count(State.SHORT) + " hung=" + count(State.HUNG) + " wrong=" + count(State.WRONG);
        print();
        senders.getOutputStream().close();
        var answered = new BufferedReader(new InputStreamReader(senders.getInputStream(), StandardCharsets.US_ASCII))
                .readLine();
        int next = 0;
        for (int i = 0; i < run.connections() + MORE; i++) {
            next += HELLO.equals(get(port)) ? 1 : 0;
        }
        int timeouts = givenUp.get() ? 1 : 0;
        settle(open);
        System.out.println("RESULT case=" + name + outcome + " answered=" + answered + " open=" + open.getAsLong()
                + " next=" + next + " timeouts=" + timeouts);
    }

    /** What a peer waits for before it sends the second piece. */
    static void goOn(Process peer) throws IOException {
        peer.getOutputStream().write('\n');
        peer.getOutputStream().flush();
    }

    private void print() {
        bodies.forEach(body -> System.out.println("BODY " + body));
    }

    private static void settle(LongSupplier counted) throws InterruptedException {
        long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TOLD_WITHIN_MILLIS);
        while (counted.getAsLong() > 0 && System.nanoTime() - giveUp < 0) {
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
    }

    /** Null: those that have begun. */
    private long count(State state) {
        synchronized (bodies) {
            return bodies.stream()
                    .filter(body -> state == null ? body.taken() > 0 : body.is(state))
                    .count();
        }
    }

    private String get(int port) throws Exception {
        System.setProperty("http.keepAlive", "false");
        var connection = (HttpURLConnection) URI.create((isTls() ? "https" : "http") + "://localhost:" + port + "/")
                .toURL()
                .openConnection();
        if (connection instanceof HttpsURLConnection encrypted) {
            encrypted.setSSLSocketFactory(TrustAllCertificates.context().getSocketFactory());
            encrypted.setHostnameVerifier((host, session) -> true);
        }
        connection.setReadTimeout((int) TIMEOUT.toMillis());
        try (var input = connection.getInputStream()) {
            return new String(input.readAllBytes(), StandardCharsets.US_ASCII);
        } finally {
            connection.disconnect();
        }
    }

    private static boolean givesUp(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost:".getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout((int) (2 * TIMEOUT.toMillis()));
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketTimeoutException never) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }
}
