package io.socketreaper.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.ListenAddress;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.http.HttpHandler;
import io.socketreaper.http.HttpOutlet;
import io.socketreaper.imaginary.RecordingLogger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Keeps what docs/page.md says of refusals true, whoever refuses: page or server. */
class PageDocTest {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final Pattern STATUS = Pattern.compile("^\\| (\\d{3}(?:, \\d{3})*) \\|", Pattern.MULTILINE);
    private static final String TOKEN = "0123abcd";

    private final Control busy = (Control) Proxy.newProxyInstance(
            Control.class.getClassLoader(), new Class<?>[] {Control.class}, (proxy, method, arguments) -> {
                throw new ControlException("the agent's thread did not answer");
            });

    @Test
    void everyRefusalIsInTheTableAndForbidsWhatIsNotNeeded() throws Exception {
        var page = new StatusPage(busy, new AccessCheck(false, TOKEN));
        HttpHandler handler = ask -> {
            if (ask.path().equals("/defect")) {
                throw new IllegalStateException("a defect");
            }
            return page.handle(ask);
        };
        var statuses = new TreeSet<String>();
        try (var outlet = HttpOutlet.open(
                "page",
                ListenAddress.parse("127.0.0.1:0"),
                false,
                SelectorProvider.provider(),
                handler,
                new RecordingLogger())) {
            int port = outlet.address().port();
            String host = "Host: 127.0.0.1:" + port + "\r\n";
            String token = "X-Socket-Reaper-Token: " + TOKEN + "\r\nContent-Length: 0\r\n";
            for (String request : List.of(
                    "GET / HTTP/1.1\r\n" + host,
                    "GET / HTTP/1.1\r\nHost: evil.example\r\n",
                    "POST /pause HTTP/1.1\r\nContent-Length: 0\r\n" + host,
                    "POST /pause HTTP/1.1\r\n" + token + host,
                    "POST /release HTTP/1.1\r\n" + token + host,
                    "GET /pause HTTP/1.1\r\n" + host,
                    "DELETE / HTTP/1.1\r\n" + host,
                    "GET /x HTTP/1.1\r\n" + host,
                    "GET /defect HTTP/1.1\r\n" + host,
                    "\u0016\u0003\u0001\r\n",
                    "GET / HTTP/1.1\r\n",
                    "POST / HTTP/1.1\r\nContent-Length: 16385\r\n" + host,
                    "GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n" + host,
                    "GET / HTTP/1.1\r\n" + host + "X: " + "x".repeat(9_000) + "\r\n",
                    "GET / HTTP/9.9\r\n" + host)) {
                String answer = ask(port, request + "\r\n");
                statuses.add(answer.split(" ", 3)[1]);
                String head = answer.substring(0, answer.indexOf("\r\n\r\n") + 2);
                for (String header : List.of(
                        "X-Frame-Options: DENY",
                        "X-Content-Type-Options: nosniff",
                        "Cache-Control: no-store",
                        "Cross-Origin-Resource-Policy: same-origin",
                        "Content-Security-Policy: default-src 'none'; ")) {
                    assertTrue(
                            head.contains("\r\n" + header), () -> header + " is missing in " + head + " to " + request);
                }
            }
        }
        assertEquals(documented(), statuses);
    }

    @Test
    void whetherReadingNeedsTheTokenGoesByTheAddress() {
        for (String wide : List.of("0.0.0.0:0", "[::]:0", "10.1.2.3:9405")) {
            assertTrue(
                    new StatusPage(busy, ListenAddress.parse(wide))
                            .tokenLine()
                            .startsWith("token that reading and changing"),
                    wide);
        }
        for (String own : List.of("127.0.0.1:0", "localhost:0", "[::1]:0")) {
            assertTrue(
                    new StatusPage(busy, ListenAddress.parse(own)).tokenLine().startsWith("token that changing"), own);
        }
    }

    private static String ask(int port, String request) throws IOException {
        try (var socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            var answer = new ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(answer);
            } catch (IOException reset) {
                // after the answer, because some of the request was not read
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    private static Set<String> documented() throws IOException {
        var inModule = Path.of("..", "docs", "page.md");
        String text = Files.readString(Files.exists(inModule) ? inModule : Path.of("docs", "page.md"));
        return STATUS.matcher(text)
                .results()
                .flatMap(row -> List.of(row.group(1).split(", ")).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
