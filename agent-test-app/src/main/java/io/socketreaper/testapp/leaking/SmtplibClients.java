package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** All clients of a run, played by Python's own smtplib in one child process. */
final class SmtplibClients {
    static final String PYTHON = "python3";

    private static final String SCRIPT = "smtplib_clients.py";
    private static final long GIVE_UP_SECONDS = 120;

    private SmtplibClients() {}

    static void play(Run run, InetSocketAddress server) throws IOException, InterruptedException {
        var python = new ProcessBuilder(
                        PYTHON,
                        "-c",
                        script(),
                        server.getAddress().getHostAddress(),
                        Integer.toString(server.getPort()),
                        Integer.toString(run.sockets()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var watchdog = new Thread(() -> endInTime(python), "python-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
        int heard = 0;
        try (var lines = python.inputReader(StandardCharsets.UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                count(run, line);
                heard++;
            }
        }
        int exit = python.waitFor();
        if (exit != 0 || heard != run.sockets()) {
            throw new IOException(
                    PYTHON + " ended with " + exit + " and told of " + heard + " clients of " + run.sockets());
        }
    }

    /** @param line {@code complete|cut-short eof|reset}, or what went wrong */
    private static void count(Run run, String line) {
        switch (line) {
            case "complete eof" -> {
                run.replyComplete();
                run.peerEof();
            }
            case "complete reset" -> {
                run.replyComplete();
                run.peerReset();
            }
            default -> {
                if (line.endsWith(" reset")) {
                    run.peerReset();
                } else if (line.endsWith(" eof")) {
                    run.peerEof();
                }
                run.damaged("smtplib: " + line);
            }
        }
    }

    private static void endInTime(Process python) {
        try {
            if (!python.waitFor(GIVE_UP_SECONDS, TimeUnit.SECONDS)) {
                python.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String script() throws IOException {
        try (var script = SmtplibClients.class.getResourceAsStream(SCRIPT)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
