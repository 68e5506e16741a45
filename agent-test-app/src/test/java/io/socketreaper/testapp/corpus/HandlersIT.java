package io.socketreaper.testapp.corpus;

import static io.socketreaper.testapp.harness.EventPattern.event;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.RealProgram;
import io.socketreaper.testapp.harness.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real servers with two handlers that never finish their answers, and clients that leave: a leak's report names the handler, or says why it
 * cannot. Helidon 4 needs Java 21, so it is not among them on JDK 17.
 */
class HandlersIT {
    private static final List<RealProgram> SERVERS =
            RealProgram.of("corpus/handlers/handlers.tsv", "corpus/handlers").stream()
                    .filter(program -> Jvm.feature() >= Integer.parseInt(program.column("java")))
                    .toList();
    private static final Pattern PORT = Pattern.compile("port (\\d+)");
    private static final int UNUSED = 0;

    static List<RealProgram> servers() {
        return SERVERS;
    }

    @BeforeAll
    static void fetchLibraries() {
        RealProgram.fetchLibraries(SERVERS);
    }

    /**
     * The first leak is found before uses are sampled, and says so. The next ones are told apart by what wrote to them last, or are counted with
     * the first where the framework writes on a stack without a frame of the handler.
     */
    @ParameterizedTest
    @MethodSource("servers")
    void aLeakNamesItsHandlerOrSaysWhyItCannot(RealProgram program) throws IOException {
        program.compile();
        var clients = new ArrayList<Socket>();
        try (var child = program.jvm(UNUSED, UNUSED, program.column("argument"))
                .agent("track=all,probe=off,timeout=1s,log-interval=1s")
                .start()) {
            child.awaitWatching().awaitOut(PORT.pattern());
            clients.add(leave(child, "orders"));
            var first = child.awaitEvent(leak("peer-closed"));
            child.expect("the first one's line", "none", first.text("blame"));
            child.expect("it names the line that", "opened", first.text("sign"));
            child.expect("says why", true, first.text("blame_missing").contains("was not sampled"));

            // Answered at the end of a round, in which the sampling has begun.
            Tool.until(child, "the line to blame is not known", "sites", Long.toString(child.pid()));
            clients.add(leave(child, "orders"));
            clients.add(leave(child, "invoices"));
            String method = program.column("line");
            if (method.isEmpty()) {
                child.awaitEvent(
                        event("counts").with("site", first.text("site")).with("found", clients.size()));
            } else {
                var order = child.awaitEvent(leak("peer-closed").at("\\$Orders\\." + method + "\\("));
                var invoice = child.awaitEvent(leak("peer-closed").at("\\$Invoices\\." + method + "\\("));
                child.expect("the order's line", "last-write", order.text("blame"));
                child.expect("the invoice's line", "last-write", invoice.text("blame"));
                child.expect("one site", false, order.text("site").equals(invoice.text("site")));
            }
        } finally {
            for (var client : clients) {
                client.close();
            }
        }
    }

    /** A client that gets the first event and ends its side. */
    private static Socket leave(ChildJvm child, String path) throws IOException {
        var port = child.out().stream()
                .map(PORT::matcher)
                .filter(line -> line.matches())
                .findFirst()
                .orElseThrow();
        var client = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1)));
        client.setSoTimeout((int) ChildJvm.PATIENCE.toMillis());
        client.getOutputStream()
                .write(("GET /" + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        var answer = new StringBuilder();
        while (answer.indexOf(Handlers.EVENT) < 0) {
            int next = client.getInputStream().read();
            if (next < 0) {
                throw child.failure("the answer ended: " + answer);
            }
            answer.append((char) next);
        }
        client.shutdownOutput();
        return client;
    }
}
