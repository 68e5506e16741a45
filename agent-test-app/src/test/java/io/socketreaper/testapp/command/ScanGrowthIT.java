package io.socketreaper.testapp.command;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The command {@code scan --watch} sees how fast a process leaks. */
@Isolated // a watch of a few seconds tells rates
class ScanGrowthIT {
    /** Half-closes what it accepts and never reads it; its own thread is the client, once for each line it is told. */
    private static final String PYTHON_SERVER = """
            import socket, sys
            server = socket.create_server(('127.0.0.1', 0))
            held = []
            for line in sys.stdin:
                client = socket.create_connection(server.getsockname())
                accepted = server.accept()[0]
                accepted.sendall(b'552 no')
                accepted.shutdown(socket.SHUT_WR)
                held.append(accepted)
                while client.recv(100):
                    pass
                client.sendall(b'QUIT\\r\\n')
                client.close()
                print('leaked', server.getsockname()[1], flush=True)
            """;

    /** Fifteen seconds of them and more: on a busy machine the first look of a scan may come after several seconds. */
    private static final int LEAKS = 150;

    @TempDir
    private Path directory;

    @Test
    void scanSeesAnotherLanguagesLeakGrowAndKnowsItsPort() throws IOException {
        var program = Files.writeString(directory.resolve("server.py"), PYTHON_SERVER);
        try (var python = new ChildJvm(new ProcessBuilder("python3", program.toString()))) {
            python.tell("leak");
            python.awaitOut("leaked");
            try (var scan = Tool.start("scan", "" + python.pid(), "--watch", "12s", "--json")) {
                // As a busy server would: some before each of its looks, wherever they fall.
                for (int i = 1; scan.isAlive() && i < 100_000; i++) {
                    if (i < LEAKS) {
                        python.tell("leak");
                        python.awaitOut(i + 1, "leaked");
                    }
                    awaitEnd(scan, i < LEAKS ? 100 : 1000);
                }
                scan.expectExitCode(0);
                int port = Integer.parseInt(python.out().get(0).split(" ")[1]);
                var said = Tool.parsed(String.join("\n", scan.out())).getAsJsonObject();
                scan.expect(
                        "verdict",
                        "leaking",
                        said.getAsJsonObject("verdict").get("state").getAsString());
                scan.expect(
                        "port",
                        port,
                        said.getAsJsonObject("finished").get("port").getAsInt());
                scan.expect(
                        "the port in the verdict's sentence",
                        true,
                        said.getAsJsonObject("verdict")
                                .get("sentence")
                                .getAsString()
                                .contains("connections to port " + port));
                scan.expect("looks", true, said.get("looks").getAsInt() >= 3);
                var descriptors = said.getAsJsonObject("descriptors");
                scan.expect("time to the limit", true, descriptors.has("secondsToLimit"));
                scan.expect("growth", true, descriptors.get("perSecond").getAsDouble() >= 1);
            }
        }
    }

    private static void awaitEnd(ChildJvm scan, int millis) {
        long deadline = System.nanoTime() + millis * 1_000_000L;
        while (scan.isAlive() && System.nanoTime() < deadline) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        if (!scan.isAlive()) {
            scan.awaitEnd();
        }
    }
}
