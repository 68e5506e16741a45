package io.socketreaper.testapp;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** The agent beside applications that have put code of their own into the JDK. */
class ForeignCodeIT {
    private static final Pattern ADDRESS = Pattern.compile("http://127.0.0.1:(\\d+)/");

    @Test
    void theAgentRunsNoCodeOfTheApplication() throws Exception {
        try (var child = Jvm.program(Host.class)
                .option(
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-Djava.nio.channels.spi.SelectorProvider=" + Host.class.getName() + "$Provider")
                .agent("action=close,timeout=500ms,track=all,page=127.0.0.1:0,metrics=127.0.0.1:0")
                .start()) {
            child.awaitOut("OPEN");
            child.awaitErr(2, "LEAK half-closed");
            for (var outlet : List.of("metrics are served at", "status page: http")) {
                get(child, child.awaitErr(outlet));
            }
            child.expect(
                    "what was called",
                    List.of(),
                    child.out().stream()
                            .filter(line -> line.startsWith("CALLED"))
                            .toList());
            child.expectErr(0, "internal error|switched off").expectOnlyOwnLines();
        }
    }

    /** The JDK's own one, which asks a policy that grants the application nothing but what it needs. */
    @Test
    @EnabledForJreRange(max = JRE.JAVA_23)
    void aSecurityManagerWithAPolicyRefusesTheAgentNothing(@TempDir Path directory) throws Exception {
        var policy = Files.writeString(directory.resolve("policy"), """
                grant codeBase "%s" {
                    permission java.lang.RuntimePermission "*";
                    permission java.net.SocketPermission "*", "accept,connect,listen,resolve";
                    permission java.util.PropertyPermission "*", "read,write";
                };
                """.formatted(
                        Jvm.locationOf(Guarded.class).toUri()));
        try (var child = guarded("policy", "page=127.0.0.1:0,")
                .option("-Djava.security.policy==" + policy)
                .start()) {
            child.awaitErr("status page: http");
            child.tell("guard");
            child.awaitOut("GUARDED");
            child.tell("half-close");
            child.awaitErr(2, "LEAK half-closed");
            child.awaitErr(2, "the descriptor is gone");
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
            child.expectErr(0, "internal error|has refused|switched off|Exception");
        }
    }

    /** One of the application's own may refuse whatever it likes. */
    @Test
    @EnabledForJreRange(max = JRE.JAVA_23)
    void aStrictSecurityManagerIsSaidInOneLineAndDisturbsNoEnd() {
        try (var child = guarded("strict", "track=all,").start()) {
            child.awaitErr("LEAK half-closed");
            child.tell("guard");
            child.awaitOut("GUARDED");
            child.tell("half-close");
            child.awaitErr(
                    "WARN .*the application's security manager has refused something: .*: refused: .* refusals are only counted");
            child.tell("half-close");
            child.awaitOut(2, "HALF-CLOSED");
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
            child.expectErr(1, "security manager");
            child.expectErr(0, "internal error|switched off|Exception");
        }
    }

    private static Jvm guarded(String how, String settings) {
        return Jvm.program(Guarded.class, how)
                .option("-Djava.security.manager=allow")
                .agent(settings + "action=close,timeout=500ms");
    }

    /** From then on no class is woven any more, and a self-test that is under way misses what it looks for. */
    @Test
    void aJvmThatEndsDuringTheSelfTestSaysNothingOfItsJdk() {
        for (int millis = 90; millis < 200; millis += 5) {
            try (var child = Jvm.program(ShortLived.class, Integer.toString(millis))
                    .agent("action=log")
                    .start()) {
                child.awaitEnd().expectExitCode(0);
                child.expectErr(0, "switched off|could not run|internal error").expectOnlyOwnLines();
            }
        }
    }

    private static void get(ChildJvm child, String line) throws Exception {
        var address = ADDRESS.matcher(line);
        child.expect("an address in " + line, true, address.find());
        try (var socket = new Socket(InetAddress.getByName("127.0.0.1"), Integer.parseInt(address.group(1)))) {
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            child.expect("an answer", true, socket.getInputStream().readAllBytes().length > 0);
        }
    }
}
