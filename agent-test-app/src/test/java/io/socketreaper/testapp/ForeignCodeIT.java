package io.socketreaper.testapp;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The agent beside applications that have put code of their own into the JDK. */
class ForeignCodeIT {
    private static final Pattern ADDRESS = Pattern.compile("http://127.0.0.1:(\\d+)/");

    @Test
    void theAgentRunsNoCodeOfTheApplication() throws Exception {
        try (var child = Jvm.program(Host.class).option("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Djava.nio.channels.spi.SelectorProvider=" + Host.class.getName() + "$Provider")
                .agent("action=close,timeout=500ms,track=all,page=127.0.0.1:0,metrics=127.0.0.1:0").start()) {
            child.awaitOut("OPEN");
            child.awaitErr(2, "LEAK half-closed");
            for (var outlet : List.of("metrics are served at", "status page: http")) {
                get(child, child.awaitErr(outlet));
            }
            child.expect("what was called", List.of(), child.out().stream().filter(line -> line.startsWith("CALLED")).toList());
            child.expectErr(0, "internal error|switched off").expectOnlyOwnLines();
        }
    }

    private static void get(ChildJvm child, String line) throws Exception {
        var address = ADDRESS.matcher(line);
        child.expect("an address in " + line, true, address.find());
        try (var socket = new Socket(InetAddress.getByName("127.0.0.1"), Integer.parseInt(address.group(1)))) {
            socket.getOutputStream().write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            child.expect("an answer", true, socket.getInputStream().readAllBytes().length > 0);
        }
    }
}
