package io.socketreaper.testapp.harness;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A JVM that a test has started: its whole output is kept, every wait for it is bounded, and it never outlives the test.
 * What fails here fails with all that the child has said.
 */
public final class ChildJvm implements Closeable {
    /** Far more than any child needs; whoever waits that long has failed. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Set<ChildJvm> LIVING = ConcurrentHashMap.newKeySet();
    private static final Pattern OWN_LINE = Pattern.compile("(\\S+Z (INFO |WARN |ERROR) )?\\[socket-reaper] .*");

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVING.forEach(ChildJvm::kill)));
    }

    private enum Stream {
        OUT,
        ERR
    }

    /** @param event what the agent has logged with it, null if it is no JSON line of the agent's */
    private record Line(Stream stream, String text, LoggedEvent event) {
        Line(Stream stream, String text) {
            this(stream, text, stream == Stream.ERR ? LoggedEvent.parse(text) : null);
        }
    }

    private final List<String> command;
    private final long startedAt = System.nanoTime();
    private final Process process;
    private final Writer input;
    private final List<Thread> readers;
    /** Guards itself; told of every line. */
    private final List<Line> lines = new ArrayList<>();
    /** When the first of them came; guarded by them. */
    private long firstLineAt;

    public ChildJvm(ProcessBuilder builder) {
        command = builder.command();
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LIVING.add(this);
        input = process.outputWriter(StandardCharsets.UTF_8);
        readers = List.of(
                reader(process.inputReader(StandardCharsets.UTF_8), Stream.OUT),
                reader(process.errorReader(StandardCharsets.UTF_8), Stream.ERR));
    }

    private Thread reader(BufferedReader from, Stream stream) {
        var thread = new Thread(
                () -> {
                    try (from) {
                        for (var text = from.readLine(); text != null; text = from.readLine()) {
                            var line = new Line(stream, text);
                            synchronized (lines) {
                                if (lines.isEmpty()) {
                                    firstLineAt = System.nanoTime();
                                }
                                lines.add(line);
                                lines.notifyAll();
                            }
                        }
                    } catch (IOException killed) {
                        // What was read before is kept.
                    }
                },
                "reader of " + stream);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    public long pid() {
        return process.pid();
    }

    /**
     * How long it took from its start to its first line, milliseconds: a measure of the machine's speed when code runs for the first time.
     * A virtual machine can be ten times slower than at its best, and no count of the kernel tells.
     */
    public long startMillis() {
        synchronized (lines) {
            return lines.isEmpty() ? 0 : TimeUnit.NANOSECONDS.toMillis(firstLineAt - startedAt);
        }
    }

    /** Writes a line to its standard input. */
    public void tell(String line) {
        try {
            input.write(line + "\n");
            input.flush();
        } catch (IOException e) {
            throw failure("it does not listen to '" + line + "': " + e);
        }
    }

    /** Says something and waits for the answer: the next line on standard output that starts with that word. */
    public String ask(String line) {
        int before = countOf(Stream.OUT, Pattern.compile(Pattern.quote(line) + ".*"));
        tell(line);
        return awaitLine(Stream.OUT, Pattern.compile(Pattern.quote(line) + ".*"), before);
    }

    /** Waits until the child has written such a line to standard error. */
    public String awaitErr(String regex) {
        return awaitLine(Stream.ERR, Pattern.compile(".*(" + regex + ").*"), 0);
    }

    /** Waits until the agent in the child has logged such an event, as a JSON line. */
    public LoggedEvent awaitEvent(EventPattern pattern) {
        return awaitEvents(1, pattern);
    }

    /** Waits until it has logged so many such events; returns the last of them. */
    public LoggedEvent awaitEvents(int count, EventPattern pattern) {
        return await(
                        "event '" + pattern + "'" + (count == 1 ? "" : " " + count + " times"),
                        count - 1,
                        line -> line.event() != null && pattern.matches(line.event()))
                .event();
    }

    /** Waits until the child has written such a line to standard output. */
    public ChildJvm awaitOut(String regex) {
        return awaitOut(1, regex);
    }

    /** Waits until it has written so many such lines. */
    public ChildJvm awaitOut(int count, String regex) {
        if (count > 0) {
            awaitLine(Stream.OUT, Pattern.compile(".*(" + regex + ").*"), count - 1);
        }
        return this;
    }

    /** Waits until the agent in the child watches, whatever its log looks like. */
    public ChildJvm awaitWatching() {
        awaitErr("self-test passed");
        return this;
    }

    private String awaitLine(Stream stream, Pattern pattern, int skipped) {
        return await(
                        "line like '" + pattern + "' on " + stream,
                        skipped,
                        line -> line.stream() == stream
                                && pattern.matcher(line.text()).matches())
                .text();
    }

    private Line await(String what, int skipped, Predicate<Line> pattern) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        synchronized (lines) {
            while (true) {
                var found = lines.stream().filter(pattern).skip(skipped).findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || readers.stream().noneMatch(Thread::isAlive)) {
                    throw failure("never seen: " + what);
                }
                try {
                    lines.wait(Math.min(left, 100));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private int countOf(Stream stream, Pattern pattern) {
        return (int) linesOf(stream).stream()
                .filter(line -> pattern.matcher(line).matches())
                .count();
    }

    /** Asks it to end, as Ctrl-C does. */
    public void terminate() {
        process.destroy();
    }

    /** Waits until it has ended by itself and everything it said is here. */
    public ChildJvm awaitEnd() {
        return awaitEnd(PATIENCE);
    }

    public ChildJvm awaitEnd(Duration within) {
        try {
            if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failure("it has not ended within " + within);
            }
            for (var reader : readers) {
                reader.join(within.toMillis());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public int exitCode() {
        return process.exitValue();
    }

    public List<String> out() {
        return linesOf(Stream.OUT);
    }

    public List<String> err() {
        return linesOf(Stream.ERR);
    }

    /** What the agent has logged as JSON lines until now. */
    public List<LoggedEvent> events() {
        synchronized (lines) {
            return lines.stream().map(Line::event).filter(Objects::nonNull).toList();
        }
    }

    public List<LoggedEvent> events(EventPattern pattern) {
        return events().stream().filter(pattern::matches).toList();
    }

    private List<String> linesOf(Stream stream) {
        synchronized (lines) {
            return lines.stream()
                    .filter(line -> line.stream() == stream)
                    .map(Line::text)
                    .toList();
        }
    }

    // -- What tests say about it

    /** The fields of the last RESULT line. */
    public Map<String, String> result() {
        return RunResult.lastOf(out()).orElseThrow(() -> failure("it printed no RESULT"));
    }

    /** Something that the test has found out about it. */
    public ChildJvm expect(String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw failure(what + ": expected " + expected + ", got " + actual);
        }
        return this;
    }

    /** The last RESULT line says so. */
    public ChildJvm expectResult(String name, Object expected) {
        return expect(name, String.valueOf(expected), result().get(name));
    }

    public ChildJvm expectExitCode(int expected) {
        return expect("exit code", expected, exitCode());
    }

    /** So many lines of standard error contain a match. */
    public ChildJvm expectErr(int count, String regex) {
        var pattern = Pattern.compile(regex);
        return expect(
                "lines on standard error like '" + regex + "'",
                (long) count,
                err().stream().filter(line -> pattern.matcher(line).find()).count());
    }

    /** Some line of standard error contains a match; returns it. */
    public String expectErr(String regex) {
        var pattern = Pattern.compile(regex);
        return err().stream()
                .filter(line -> pattern.matcher(line).find())
                .findFirst()
                .orElseThrow(() -> failure("no line on standard error like '" + regex + "'"));
    }

    /** The agent has logged so many such events. */
    public ChildJvm expectEvents(int count, EventPattern pattern) {
        return expect("events '" + pattern + "'", count, events(pattern).size());
    }

    /** The agent has logged such an event; returns the first. */
    public LoggedEvent expectEvent(EventPattern pattern) {
        return events(pattern).stream().findFirst().orElseThrow(() -> failure("no event '" + pattern + "'"));
    }

    /** Standard error has lines of the agent's only, and none of the JVM's. */
    public ChildJvm expectOnlyOwnLines() {
        return expect("lines on standard error that are not the agent's", List.of(), foreignErr());
    }

    /** What standard error holds beside the agent's lines and the indented ones that belong to them. */
    public List<String> foreignErr() {
        var foreign = new ArrayList<String>();
        boolean inReport = false;
        for (var line : err()) {
            inReport = OWN_LINE.matcher(line).matches() || inReport && line.startsWith("    ");
            if (!inReport && LoggedEvent.parse(line) == null) {
                foreign.add(line);
            }
        }
        return foreign;
    }

    /** Says what was expected, with everything the child has said. */
    public AssertionError failure(String what) {
        var story = new StringBuilder(what)
                .append("\n  command: ")
                .append(String.join(" ", command))
                .append("\n  ")
                .append(process.isAlive() ? "still running" : "exit code " + process.exitValue());
        synchronized (lines) {
            for (var line : lines) {
                story.append(line.stream() == Stream.OUT ? "\n  out| " : "\n  err| ")
                        .append(line.text());
            }
        }
        return new AssertionError(story.toString());
    }

    /** Ends it and everything it has started. */
    @Override
    public void close() {
        kill();
        LIVING.remove(this);
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void kill() {
        var family = process.descendants().toList();
        process.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
    }

    /** Where the running test's own JVM lives: children are of the same JDK. */
    public static Path javaHome() {
        return Path.of(System.getProperty("java.home"));
    }
}
