package io.socketreaper.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a command's answer goes; there is no agent in this JVM. */
class AgentTest {
    private static final String ANSWER = "{\"error\":\"Socket Reaper is not in this JVM\"}";

    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void giveBack() {
        System.setErr(standardError);
    }

    @Test
    void anAnswerReplacesWhatIsInTheFileThatTheAskerHasMade() throws IOException {
        var reply = Files.writeString(directory.resolve("reply"), "x".repeat(1000));
        ask(reply);

        assertEquals(ANSWER, Files.readString(reply));
        assertEquals("", said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aFileThatTheAskerHasDeletedIsNotMadeAnew() {
        var reply = directory.resolve("reply");
        ask(reply);

        assertFalse(Files.exists(reply));
        saysSoInOneLine();
    }

    @Test
    void aLinkThatSomebodyHasPutThereIsNotFollowed() throws IOException {
        var victim = Files.writeString(directory.resolve("victim"), "precious");
        var reply = Files.createSymbolicLink(directory.resolve("reply"), victim);
        ask(reply);

        assertEquals("precious", Files.readString(victim));
        assertTrue(Files.exists(reply, LinkOption.NOFOLLOW_LINKS));
        saysSoInOneLine();
    }

    @Test
    void whatTheProgramAsksDoesNotWaitForACommand() throws Exception {
        var asked = new FutureTask<>(() -> Agent.ask("active", null));
        synchronized (Agent.class) { // as a command does, a detach for a minute
            new Thread(asked, "the application's").start();

            assertNull(asked.get(20, TimeUnit.SECONDS));
        }
    }

    private static void ask(Path reply) {
        Agent.agentmain("!" + reply + "\nstatus", null);
    }

    private void saysSoInOneLine() {
        var line = said.toString(StandardCharsets.UTF_8);
        assertTrue(
                line.matches("(?s)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ERROR"
                        + " \\[socket-reaper] has not answered a command, .*"),
                line);
        assertEquals(1, line.lines().count(), line);
    }
}
