package io.socketreaper.testapp.start;

import static io.socketreaper.testapp.harness.AgentSays.complaint;
import static io.socketreaper.testapp.harness.AgentSays.metricsPort;
import static io.socketreaper.testapp.harness.AgentSays.pagePort;
import static io.socketreaper.testapp.harness.AgentSays.pageServed;
import static io.socketreaper.testapp.harness.AgentSays.says;
import static io.socketreaper.testapp.harness.AgentSays.warning;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** The agent beside applications that have put code of their own into the JDK. */
class ForeignCodeIT {
    @Test
    void theAgentRunsNoCodeOfTheApplication() throws Exception {
        try (var child = Jvm.program(JdkExtensionPoints.class)
                .option(
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-Djava.nio.channels.spi.SelectorProvider=" + JdkExtensionPoints.class.getName() + "$Provider")
                .agent("action=close,timeout=500ms,track=all,page=127.0.0.1:0,metrics=127.0.0.1:0")
                .start()) {
            child.awaitOut("OPEN");
            child.awaitEvents(2, leak("half-closed"));
            get(child, metricsPort(child));
            get(child, pagePort(child));
            child.expect(
                    "what was called",
                    List.of(),
                    child.out().stream()
                            .filter(line -> line.startsWith("CALLED"))
                            .toList());
            child.expectEvents(0, complaint()).expectOnlyOwnLines();
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
                        Jvm.locationOf(UnderSecurityManager.class).toUri()));
        try (var child = underSecurityManager("policy", "page=127.0.0.1:0,")
                .option("-Djava.security.policy==" + policy)
                .start()) {
            child.awaitEvent(pageServed());
            child.tell("set manager");
            child.awaitOut("MANAGER SET");
            child.tell("half-close");
            child.awaitEvents(2, leak("half-closed").with("outcome", "closed"));
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
            child.expectEvents(0, complaint()).expectErr(0, "Exception");
        }
    }

    /** One of the application's own may refuse whatever it likes. */
    @Test
    @EnabledForJreRange(max = JRE.JAVA_23)
    void aStrictSecurityManagerIsSaidInOneLineAndDisturbsNoEnd() {
        try (var child = underSecurityManager("strict", "track=all,").start()) {
            child.awaitEvent(leak("half-closed"));
            child.tell("set manager");
            child.awaitOut("MANAGER SET");
            child.tell("half-close");
            child.awaitEvent(
                    warning(
                            "the application's security manager has refused an operation of Socket Reaper \\(.*\\): refused: .* refusals are only counted"));
            child.tell("half-close");
            child.awaitOut(2, "HALF-CLOSED");
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
            child.expectEvents(1, says("security manager")).expectEvents(1, complaint());
            child.expectErr(0, "Exception");
        }
    }

    private static Jvm underSecurityManager(String how, String settings) {
        return Jvm.program(UnderSecurityManager.class, how)
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
                child.expectEvents(0, complaint()).expectOnlyOwnLines();
            }
        }
    }

    private static void get(ChildJvm child, int port) throws Exception {
        try (var socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            child.expect("an answer", true, socket.getInputStream().readAllBytes().length > 0);
        }
    }
}
