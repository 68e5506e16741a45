package io.socketreaper.testapp.corpus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One run of a real client under {@code src/corpus/frameworks}. Its consumers take the first bytes of an answer and then pause until the
 * origin has sent everything and closed. Later they read on, and the run counts what each of them is told. Thread-safe.
 */
public final class ClientRun {
    /** Connections that a pool must allow beside those that are paused. */
    public static final int MORE = 2;
    /** After which the client must give up a request that is never answered, by itself. */
    public static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** For how long a program waits for its client, which is longer. */
    public static final int PATIENCE_SECONDS = 20;

    private static final int FIRST_ARGUMENT = 4;
    private static final int FIRST = 20_000;
    private static final int PERIOD = 251;
    private static final String HEAD_END = "\r\n\r\n";
    private static final String HELLO = "hello";
    private static final long TOLD_WITHIN_MILLIS = 4000;
    /** For its tables of connections the kernel walks through all chains of a hash table, however few they hold: 14 ms on a machine of 24 GB. */
    private static final long LOOK_EVERY_MILLIS = 100;

    /** The client under test. */
    public interface Client {
        /** Asks, takes what comes first, and then nothing before {@link Answer#whenResumed}. Returns at once. */
        void ask(String path, Answer answer) throws Exception;

        /** Asks and waits for the whole answer; throws if it has not come within {@link #PATIENCE_SECONDS}. */
        String get(String path) throws Exception;

        /** How many connections the client's pool takes to be in use; 0 if it has none that could be asked. */
        default int leased() throws Exception {
            return 0;
        }

        /**
         * Whether the client takes every reset that it reads for a normal end. Then its consumers read on only once the released connections
         * are closed, and not already when they are claimed (docs/safety.md).
         */
        default boolean takesResetForEnd() {
            return false;
        }
    }

    private final String name;
    private final CorpusRun run;
    private final List<String> paths;
    private final boolean tls;
    private final int size;
    private final String[] arguments;
    private final Process origin;
    private final int port;
    private final AtomicInteger ended = new AtomicInteger();
    private final List<Answer> answers = new ArrayList<>();

    /**
     * @param arguments connections, seconds to watch, the paths to ask for in turn, with commas (see {@code origin.py}), {@code plain} or
     *                  {@code tls}; then those of the program
     * @param size      bytes of an answer: more than the client takes before it pauses, and what then remains must fit into a receive
     *                  buffer
     */
    public ClientRun(String name, String[] arguments, int size) throws IOException {
        this.name = name;
        this.size = size;
        this.run = new CorpusRun(name, arguments);
        this.paths = List.of(arguments[2].split(","));
        this.tls = arguments[3].equals("tls");
        this.arguments = arguments;
        this.origin = new ProcessBuilder(
                        "python3", "src/corpus/frameworks/peers/origin.py", "" + size, "" + FIRST, arguments[3])
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var lines = new BufferedReader(new InputStreamReader(origin.getInputStream(), StandardCharsets.US_ASCII));
        this.port = Integer.parseInt(lines.readLine().substring("PORT ".length()));
        var counting = new Thread(() -> lines.lines().forEach(end -> ended.incrementAndGet()), "ends of the origin");
        counting.setDaemon(true);
        counting.start();
    }

    /** Of the origin, on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** What the URIs begin with. */
    public String origin() {
        return (tls ? "https" : "http") + "://127.0.0.1:" + port;
    }

    /** Whether the origin speaks TLS, with a certificate that only {@link TrustAllCertificates} trusts. */
    public boolean isTls() {
        return tls;
    }

    /** The first argument of the program's own. */
    public String argument() {
        return arguments[FIRST_ARGUMENT];
    }

    /** How many connections a pool must allow. */
    public int connections() {
        return run.connections() + MORE;
    }

    /** Keeps an object reachable until the process ends. */
    public void keep(Object object) {
        run.keep(object);
    }

    /** Waits until something holds, at most half a minute. */
    public void await(String what, CorpusRun.Condition condition) throws Exception {
        run.await(what, condition);
    }

    /**
     * Plays it and ends the process. Prints {@code RESULT case=... held=N whole=N errors=N short=N hung=N repeated=N leased=N slow=N
     * next=N timeouts=N}: connections that were not released; consumers that were given the whole answer, an error, a normal end
     * before the last byte, and nothing; requests that the origin has seen twice; connections that the pool takes to be in use in the
     * end; answers to a request that was under way all the time, to as many requests at once as the pool allows, and to the request that
     * the client itself must give up.
     */
    public void play(Client client) {
        try {
            playToTheEnd(client);
            System.out.flush();
            // The agent logs the counts of a site once a second; at the end of a JVM its log has half a second.
            Thread.sleep(TimeUnit.SECONDS.toMillis(2));
            System.exit(0);
        } catch (Exception failed) {
            answers.forEach(answer -> System.out.println("ANSWER " + answer));
            failed.printStackTrace();
            System.exit(1);
        }
    }

    private void playToTheEnd(Client client) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        for (int i = 0; i < run.connections(); i++) {
            var path = paths.get(i % paths.size());
            var answer = new Answer(path, size);
            answers.add(answer);
            client.ask(path, answer);
        }
        run.await("the consumers to pause", () -> answers.stream().allMatch(answer -> answer.taken() > 0));
        // Not before: a consumer that comes late would be given all at once, and not pause.
        ServerRun.goOn(origin);
        // Not by the kernel's table: on a busy machine the first are released before the last have been asked for.
        run.await("the origin to end its answers", () -> ended.get() >= run.connections());
        Future<String> slow = threads.submit(() -> client.get("/slow"));
        System.out.println("LEAKED " + CorpusRun.closedByPeer(port));
        long over = System.nanoTime() + TimeUnit.SECONDS.toNanos(run.watchSeconds());
        while (CorpusRun.closedByPeer(port) > 0 && System.nanoTime() - over < 0) {
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
        long held = held();
        if (held == 0 && client.takesResetForEnd()) {
            // but for the slow request
            run.await("the client to have closed what was released", () -> client.leased() <= 1);
        }
        answers.forEach(Answer::resume);
        long told = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TOLD_WITHIN_MILLIS);
        while (answers.stream().anyMatch(answer -> answer.is(State.HUNG)) && System.nanoTime() - told < 0) {
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
        String outcome = " held=" + held + " whole=" + count(State.WHOLE) + " errors=" + count(State.ERROR) + " short="
                + count(State.SHORT) + " hung=" + count(State.HUNG) + " wrong=" + count(State.WRONG);
        answers.forEach(answer -> System.out.println("ANSWER " + answer));
        int slowAnswers = answered(slow);
        int repeated = Integer.parseInt(client.get("/count")) - run.connections();
        List<Future<String>> next = new ArrayList<>();
        for (int i = 0; i < connections(); i++) {
            next.add(threads.submit(() -> client.get("/soon")));
        }
        int nextAnswers = 0;
        for (var each : next) {
            nextAnswers += answered(each);
        }
        int leased = settled(client);
        int timeouts = 0;
        long asked = System.nanoTime();
        try {
            client.get("/never");
        } catch (Exception givenUp) {
            timeouts = System.nanoTime() - asked < 2 * TIMEOUT.toNanos() ? 1 : 0;
        }
        System.out.println("RESULT case=" + name + outcome + " repeated=" + repeated + " leased=" + leased + " slow="
                + slowAnswers + " next=" + nextAnswers + " timeouts=" + timeouts);
    }

    /** The client may still be closing the connection of the slow request, which its origin has closed, too. */
    private long held() throws Exception {
        long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TOLD_WITHIN_MILLIS);
        long held = CorpusRun.closedByPeer(port);
        while (held > run.connections() && System.nanoTime() - giveUp < 0) {
            Thread.sleep(LOOK_EVERY_MILLIS);
            held = CorpusRun.closedByPeer(port);
        }
        return held;
    }

    /** An answer is given out a moment before its connection is given back. */
    private static int settled(Client client) throws Exception {
        long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TOLD_WITHIN_MILLIS);
        while (client.leased() > 0 && System.nanoTime() - giveUp < 0) {
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
        return client.leased();
    }

    /** Asks with the JDK's own client, as {@link Client#get} wants it. */
    public static String get(String uri) throws IOException {
        System.setProperty("http.keepAlive", "false");
        var connection = (HttpURLConnection) URI.create(uri).toURL().openConnection();
        connection.setReadTimeout((int) TIMEOUT.toMillis());
        try (var input = connection.getInputStream()) {
            return new String(input.readAllBytes(), StandardCharsets.US_ASCII);
        } finally {
            connection.disconnect();
        }
    }

    /** The body of a short answer with its head and a Content-Length; null as long as some of it is missing. */
    public static String bodyOf(String answer) {
        int end = answer.indexOf(HEAD_END);
        if (end < 0) {
            return null;
        }
        int length = Integer.parseInt(answer.substring(0, end)
                .replaceFirst("(?s).*Content-Length: ", "")
                .replaceFirst("(?s)\r.*", ""));
        String body = answer.substring(end + HEAD_END.length());
        return body.length() < length ? null : body;
    }

    private static int answered(Future<String> request) {
        try {
            return HELLO.equals(request.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) ? 1 : 0;
        } catch (Exception failed) {
            System.out.println("FAILED " + failed);
            return 0;
        }
    }

    private long count(State state) {
        return answers.stream().filter(answer -> answer.is(state)).count();
    }

    enum State {
        HUNG,
        WHOLE,
        SHORT,
        ERROR,
        WRONG
    }

    /** An answer, or the body of a request, as its consumer sees it. */
    public static final class Answer {
        private final String path;
        private final int size;
        private final CompletableFuture<Void> resumed = new CompletableFuture<>();
        private State state = State.HUNG;
        private int taken;
        private int headEnd;
        private Throwable error;

        /**
         * @param path of the request
         * @param size bytes of all of it
         */
        Answer(String path, int size) {
            this.path = path;
            this.size = size;
        }

        /** @return true if these are the first bytes, after which the consumer pauses */
        public synchronized boolean take(ByteBuffer bytes) {
            boolean first = taken == 0 && bytes.hasRemaining();
            while (bytes.hasRemaining()) {
                if (bytes.get() != (byte) (taken % PERIOD)) {
                    state = State.WRONG;
                }
                taken++;
            }
            return first;
        }

        /** The same of bytes that begin with the head of an answer. */
        public synchronized boolean takeWithHead(ByteBuffer bytes) {
            while (bytes.hasRemaining() && headEnd < HEAD_END.length()) {
                char next = (char) bytes.get();
                headEnd = next == HEAD_END.charAt(headEnd) ? headEnd + 1 : next == HEAD_END.charAt(0) ? 1 : 0;
            }
            return take(bytes);
        }

        /** What makes the consumer read on. */
        public void whenResumed(Runnable readOn) {
            resumed.thenRun(readOn);
        }

        /** The client says that this was all. */
        public synchronized void ended() {
            if (state == State.HUNG) {
                state = taken == size ? State.WHOLE : State.SHORT;
            }
        }

        /** The client says that it has failed. */
        public synchronized void failed(Throwable cause) {
            if (state == State.HUNG) {
                state = State.ERROR;
                error = cause;
            }
        }

        void resume() {
            resumed.complete(null);
        }

        synchronized int taken() {
            return taken;
        }

        synchronized boolean is(State expected) {
            return state == expected;
        }

        @Override
        public synchronized String toString() {
            return path + ": " + state + " after " + taken + " bytes" + (error == null ? "" : ": " + error);
        }
    }
}
