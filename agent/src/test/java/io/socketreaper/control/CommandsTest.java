package io.socketreaper.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.leak.InternalFailures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        var status = new Gson().fromJson(result("status"), Status.class);

        assertEquals(42, status.pid());
        assertEquals(4, status.total().held());
        assertEquals(
                4,
                result("status")
                        .getAsJsonObject()
                        .getAsJsonObject("total")
                        .get("held")
                        .getAsInt());
        assertEquals("watched", status.stacks().get(0).state());
        assertEquals(3, status.descriptors().get("finished"));
        assertEquals(
                "LEAK \"half-closed\"\nline",
                new Gson()
                        .fromJson(result("sites").getAsJsonArray().get(0), SiteInfo.class)
                        .report());
    }

    @Test
    void allThereIsComesAtOnce() {
        var all = new Gson().fromJson(result("all\nlimit=7"), AgentView.class);

        assertEquals(100, all.history().releases().size());
        assertEquals(List.of("status", "sites", "sockets null 7", "history"), control.asked);
    }

    @ParameterizedTest
    @CsvSource({
        "'sockets', 'sockets null 100'",
        "'sockets|site=0a1b2c3d|limit=5', 'sockets 0a1b2c3d 5'",
        "'release|id=17', 'release 17 drain'",
        "'release|id=17|action=close', 'release 17 close'",
        "'set|settings=exclude=10.0.0.1;10.0.0.2,timeout=5s', 'set exclude=10.0.0.1;10.0.0.2,timeout=5s'",
        "'pause', 'pause'",
        "'pause|room=316/60', 'room 316 60,pause'",
        "'detach', 'detach'"
    })
    void argumentsArriveWhole(String command, String asked) {
        result(command.replace('|', '\n'));

        assertEquals(asked, String.join(",", control.asked));
    }

    @ParameterizedTest
    @CsvSource({
        "'reboot', 'does not know the command \"reboot\"'",
        "'sockets|limit=0', 'bad value \"0\" of limit'",
        "'sockets|limit=many', 'bad value \"many\" of limit'",
        "'release', 'bad value \"null\" of id'",
        "'release|site=x', 'no leak site has the id \"x\"'",
        "'pause|room=316', 'bad value \"\" of room'",
        "'resume', 'the agent failed to answer: java.lang.IllegalStateException: a bug'",
        "'stream|every=500', 'file= is missing'",
        "'stream|file=/nowhere/at/all|every=500', 'cannot be written'",
        "'stream|file=/dev/null|every=1', 'bad value \"1\" of every'",
        "'', 'does not know the command \"\"'"
    })
    void whatCannotBeDoneIsSaid(String command, String why) {
        var answer = answer(command.replace('|', '\n'));

        assertTrue(answer.get("error").getAsString().contains(why), answer.toString());
        assertFalse(answer.has("result"));
        assertEquals(List.of(), threads);
    }

    @Test
    void aStreamIsRenewedUntilItsFileIsDeleted() throws Exception {
        Path file = Files.createFile(directory.resolve("reply"));
        stream(file, 100);

        AgentView first = next(file, 0);
        AgentView second = next(file, first.status().nowMillis());
        assertTrue(second.status().nowMillis() > first.status().nowMillis());
        assertEquals(20, second.history().releases().size());
        assertEquals(99, second.history().releases().get(19).atMillis());
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

        assertTrue(answer("stream\nfile=" + link + "\nevery=500")
                .get("error")
                .getAsString()
                .contains("cannot be written"));
        assertEquals("precious", Files.readString(victim));
        assertEquals(List.of(), threads);
    }

    @Test
    void streamsAreFew() throws IOException {
        for (int i = 0; i < 4; i++) {
            stream(Files.createFile(directory.resolve("reply" + i)), 60_000);
        }
        Path file = Files.createFile(directory.resolve("one too many"));

        assertTrue(answer("stream\nfile=" + file + "\nevery=500")
                .get("error")
                .getAsString()
                .startsWith("4 streams"));
        assertEquals(4, threads.size());
    }

    private void stream(Path file, long every) {
        assertEquals(
                "streaming", result("stream\nfile=" + file + "\nevery=" + every).getAsString());
    }

    /** Waits for a whole line that is later. */
    private static AgentView next(Path file, long after) throws IOException {
        for (long deadline = System.nanoTime() + PATIENCE; System.nanoTime() - deadline < 0; Thread.onSpinWait()) {
            String line = Files.readString(file);
            if (line.endsWith("\n")) {
                var view = new Gson()
                        .fromJson(JsonParser.parseString(line).getAsJsonObject().get("result"), AgentView.class);
                if (view.status().nowMillis() > after) {
                    return view;
                }
            }
        }
        throw new AssertionError("nothing new in " + file);
    }

    private JsonElement result(String command) {
        var answer = answer(command);
        assertFalse(answer.has("error"), answer.toString());
        return answer.get("result");
    }

    private JsonObject answer(String command) {
        return JsonParser.parseString(commands.run(command)).getAsJsonObject();
    }
}
