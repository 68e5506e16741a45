package io.socketreaper.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.gson.JsonParser;
import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.leak.InternalFailures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
    private static final long PATIENCE = Duration.ofSeconds(20).toNanos();

    private final FakeControl control = new FakeControl();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    private final InternalFailures failures = new InternalFailures(new RecordingLogger());
    private final AnswerStreams streams = new AnswerStreams(
            control,
            task -> {
                var thread = new Thread(task, "stream");
                thread.setDaemon(true);
                thread.setUncaughtExceptionHandler((ended, failed) -> uncaught.add(failed));
                threads.add(thread);
                return thread;
            },
            () -> true,
            failures);
    private final Commands commands = new Commands(control, streams);

    @TempDir
    private Path directory;

    @AfterEach
    void end() {
        streams.close();
    }

    @Test
    void recordsComeBackAsTheyWere() {
        Status status = answer(new Request.GetStatus());

        assertEquals(42, status.pid());
        assertEquals(4, status.total().held());
        assertEquals(
                4,
                JsonParser.parseString(run(new Request.GetStatus()))
                        .getAsJsonObject()
                        .getAsJsonObject("result")
                        .getAsJsonObject("total")
                        .get("held")
                        .getAsInt());
        assertEquals("watched", status.stacks().get(0).state());
        assertEquals(3, status.descriptors().get("finished"));
        assertEquals(
                "LEAK \"half-closed\"\nline",
                answer(new Request.GetSites()).get(0).report());
    }

    @Test
    void allThereIsComesAtOnce() {
        AgentView all = answer(new Request.GetView(7));

        assertEquals(500, all.history().releases().size());
        assertEquals(List.of("status", "sites", "sockets null 7", "history", "dry run"), control.asked);
    }

    static List<Arguments> requests() {
        return List.of(
                arguments(new Request.GetSockets(null, 100), "sockets null 100"),
                arguments(new Request.GetSockets("0a1b2c3d", 5), "sockets 0a1b2c3d 5"),
                arguments(
                        new Request.GetOpen(new OpenQuestion("4d3c2b1a", 600_000, "CLOSE_WAIT")),
                        "open OpenQuestion[site=4d3c2b1a, olderMillis=600000, state=CLOSE_WAIT]"),
                arguments(new Request.GetDescriptors("4d3c2b1a"), "descriptors 4d3c2b1a"),
                arguments(new Request.ReleaseSocket(17, ReleaseRequest.DRAIN), "release 17 drain"),
                arguments(new Request.ReleaseSocket(17, ReleaseRequest.CLOSE_DOUBTFUL), "release 17 close-doubtful"),
                arguments(
                        new Request.Change("exclude=10.0.0.1;10.0.0.2,timeout=5s"),
                        "set exclude=10.0.0.1;10.0.0.2,timeout=5s"),
                arguments(new Request.Change("config=\"a\\b\nc\u00fc\u2028"), "set config=\"a\\b\nc\u00fc\u2028"),
                arguments(new Request.Pause(true), "pause"),
                arguments(new Request.Detach(), "detach"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void argumentsArriveWhole(Request<?> request, String asked) {
        answer(request);

        assertEquals(asked, String.join(",", control.asked));
    }

    @Test
    void aRaisedLimitComesBeforeTheRequest() {
        commands.run(WireCodec.write(new Request.Pause(true), new WireCodec.LimitChange(316, 60)));

        assertEquals(List.of("room 316 60", "pause"), control.asked);
    }

    private static HoldersNote note(int groups, int lines) {
        return new HoldersNote(
                42,
                1_700_000_000_000L,
                Collections.nCopies(
                        groups,
                        new HoldersNote.Group(
                                3, "3 sockets: Socket", "static A.b", "", "", Collections.nCopies(lines, "├─ A"))),
                List.of("a remark"));
    }

    @Test
    void whatHoldersFoundIsKeptForTheNextViews() throws IOException {
        Path file = Files.write(directory.resolve("note"), WireCodec.bytes(note(2, 5)));

        assertEquals("kept", answer(new Request.KeepHolders(file.toString())));
        assertEquals(note(2, 5), answer(new Request.GetView(7)).holders());
    }

    @Test
    void theAgentKeepsNoMoreThanItsBoundAndTheCommandLineCutsBefore() throws IOException {
        var large = note(500, 40);
        Path file = Files.write(directory.resolve("note"), WireCodec.bytes(large));
        assertRefused(run(new Request.KeepHolders(file.toString())), "more than 65536 bytes");
        assertEquals(null, control.holders);

        Files.write(file, WireCodec.bytes(large.fitting()));
        answer(new Request.KeepHolders(file.toString()));
        int kept = control.holders.groups().size();
        assertTrue(kept > 50 && kept < 500, kept + " groups");
        assertTrue(
                control.holders.remarks().get(1).startsWith((500 - kept) + " kinds of holders are left out"),
                control.holders.remarks()::toString);
        assertEquals(note(2, 5), note(2, 5).fitting());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "no JSON",
                "{\"groups\":[null],\"remarks\":[]}",
                "{\"groups\":[{\"sockets\":1}],\"remarks\":[]}",
                "{\"groups\":[],\"remarks\":[null]}"
            })
    void aNoteThatIsNotWholeIsNotKept(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("note"), text);

        assertRefused(run(new Request.KeepHolders(file.toString())), "none are kept");
        assertRefused(run(new Request.KeepHolders(directory.toString())), "none are kept");
        assertRefused(run(new Request.KeepHolders(null)), "none are kept");
        assertEquals(null, control.holders);
    }

    static List<Arguments> refused() {
        return List.of(
                arguments(new Request.GetSockets(null, 0), "bad value \"0\" of limit"),
                arguments(new Request.GetView(-1), "bad value \"-1\" of limit"),
                arguments(new Request.ReleaseSite("x", ReleaseRequest.DRAIN), "no leak site has the id \"x\""),
                arguments(
                        new Request.Pause(false), "the agent failed to answer: java.lang.IllegalStateException: a bug"),
                arguments(new Request.Stream("/nowhere/at/all", 500, 20, false), "cannot be written"),
                arguments(new Request.Stream("/dev/null", 1, 20, false), "bad value \"1\" of every"),
                arguments(new Request.Stream("/dev/null", 500, 0, false), "bad value \"0\" of limit"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatCannotBeDoneIsSaid(Request<?> request, String why) {
        assertRefused(run(request), why);
    }

    @ParameterizedTest
    @CsvSource({
        "'reboot', 'does not know the request \"reboot\"'",
        "'', 'does not know the request \"\"'",
        "'{\"request\":\"Reboot\",\"arguments\":{}}', 'does not know the request'",
        "'{\"request\":\"ReleaseSocket\",\"arguments\":{\"socket\":1,\"action\":\"BURN\"}}', 'Nothing was released'",
        "'{\"request\":\"GetStatus\"}', 'does not know the request'",
        "'{\"request\":\"GetSockets\",\"arguments\":{}}', 'bad value \"0\" of limit'",
        "'{\"request\":\"GetSockets\",\"arguments\":{\"limit\":\"many\"}}', 'does not know the request'",
    })
    void aRequestOfAnotherVersionIsRefused(String request, String why) {
        assertRefused(commands.run(request), why);
    }

    private void assertRefused(String answer, String why) {
        var json = JsonParser.parseString(answer).getAsJsonObject();
        assertTrue(json.get("error").getAsString().contains(why), answer);
        assertFalse(json.has("result"));
        assertEquals(List.of(), threads);
    }

    @Test
    void aStreamIsRenewedUntilItsFileIsDeleted() throws Exception {
        Path file = Files.createFile(directory.resolve("reply"));
        stream(file, 100);

        AgentView first = next(file, 0);
        AgentView second = next(file, first.status().nowMillis());
        assertTrue(second.status().nowMillis() > first.status().nowMillis());
        assertEquals(100, second.history().releases().size());
        assertEquals(499, second.history().releases().get(99).atMillis());
        assertTrue(control.asked.contains("sockets null " + Integer.MAX_VALUE));

        Files.delete(file);
        threads.get(0).join(Duration.ofNanos(PATIENCE).toMillis());
        assertFalse(threads.get(0).isAlive());
        assertFalse(Files.exists(file));
    }

    @Test
    void aStreamThatFailsIsCountedAndTheApplicationDoesNotHearOfIt() throws Exception {
        Path file = Files.createFile(directory.resolve("reply"));
        control.bug = true;
        stream(file, 100);

        threads.get(0).join(Duration.ofNanos(PATIENCE).toMillis());
        assertFalse(threads.get(0).isAlive());
        assertEquals(List.of(), uncaught);
        assertEquals(1, failures.count());
    }

    @Test
    void aStreamEndsWithTheAgent() throws Exception {
        Path file = Files.createFile(directory.resolve("reply"));
        stream(file, 60_000);
        next(file, 0);

        streams.close();

        assertFalse(threads.get(0).isAlive());
    }

    @Test
    void aStreamDoesNotFollowALink() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "precious");
        Path link = Files.createSymbolicLink(directory.resolve("reply"), victim);

        assertRefused(run(new Request.Stream(link.toString(), 500, 20, false)), "cannot be written");
        assertEquals("precious", Files.readString(victim));
        assertEquals(List.of(), threads);
    }

    @Test
    void streamsAreFew() throws IOException {
        for (int i = 0; i < 4; i++) {
            stream(Files.createFile(directory.resolve("reply" + i)), 60_000);
        }
        Path file = Files.createFile(directory.resolve("one too many"));

        var refused =
                assertThrows(ControlException.class, () -> answer(new Request.Stream(file.toString(), 500, 20, false)));
        assertTrue(refused.getMessage().startsWith("4 streams"), refused.getMessage());
        assertEquals(4, threads.size());
    }

    private void stream(Path file, long every) {
        assertEquals("streaming", answer(new Request.Stream(file.toString(), every, 20, false)));
    }

    /** Waits for a whole line that is later. */
    private static AgentView next(Path file, long after) throws IOException {
        for (long deadline = System.nanoTime() + PATIENCE; System.nanoTime() - deadline < 0; Thread.onSpinWait()) {
            String line = Files.readString(file);
            if (line.endsWith("\n")) {
                AgentView view = WireCodec.answer(line, AgentView.class);
                if (view.status().nowMillis() > after) {
                    return view;
                }
            }
        }
        throw new AssertionError("nothing new in " + file);
    }

    private <R> R answer(Request<R> request) {
        return WireCodec.answer(run(request), request.answerType());
    }

    private String run(Request<?> request) {
        return commands.run(WireCodec.write(request, null));
    }
}
