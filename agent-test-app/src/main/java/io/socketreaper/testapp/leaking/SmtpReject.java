package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The founding story: a mail is refused at DATA, the client's {@code RSET} is never read, the descriptor stays. */
public final class SmtpReject implements Scenario {
    @Override
    public String name() {
        return "smtp-reject";
    }

    @Override
    public String summary() {
        return "NIO SMTP server refuses DATA with 552 and half-closes, Python's smtplib answers RSET";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        boolean python =
                switch (run.smtpClient()) {
                    case PYTHON -> true;
                    case JAVA -> false;
                    case AUTO -> pythonIsHere();
                };
        run.extra("client", () -> python ? "python" : "java");
        try (var server = new LineServer(run, SmtpServer::new)) {
            if (python) {
                SmtplibClients.play(run, server.address());
            } else {
                playJavaClients(run, server.address());
            }
        }
    }

    /** What smtplib puts on the wire, line by line. */
    private static void playJavaClients(Run run, InetSocketAddress server) throws InterruptedException {
        Peers.quick(run, () -> {
            try (var peer = new Peer(run, server)) {
                expect(peer, "220");
                peer.send("ehlo client.example.org\r\n");
                expect(peer, "250");
                peer.send("mail FROM:<sender@example.org> size=30\r\n");
                expect(peer, "250");
                peer.send("rcpt TO:<full@example.org>\r\n");
                expect(peer, "250");
                peer.send("data\r\n");
                peer.expect(SmtpServer.REFUSAL);
                peer.send("rset\r\n");
                peer.expectEnd();
            }
        });
    }

    private static void expect(Peer peer, String code) throws IOException {
        String line;
        do {
            line = peer.readLine();
            if (!line.startsWith(code)) {
                throw new IOException("got '" + line.strip() + "' instead of " + code);
            }
        } while (line.startsWith(code + "-"));
    }

    private static boolean pythonIsHere() throws InterruptedException {
        try {
            var probe = new ProcessBuilder(SmtplibClients.PYTHON, "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return probe.waitFor(10, TimeUnit.SECONDS) && probe.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
