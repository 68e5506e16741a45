package io.socketreaper.testapp.start;

import static io.socketreaper.testapp.harness.AgentSays.metricsAddress;
import static io.socketreaper.testapp.harness.AgentSays.pageAddress;
import static io.socketreaper.testapp.harness.EventPattern.drained;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The smallest run-time image that can have agents at all. */
class JlinkIT {
    /** What its server cannot be kept from saying where there is no java.management. */
    private static final String OF_JETTY =
            "Defaulting Uptime to NOIMPL due to (java.lang.UnsupportedOperationException) Implementation not"
                    + " available in this environment";

    @TempDir
    private Path directory;

    @Test
    void theAgentNeedsNoMoreThanJavaBaseAndJavaInstrument() throws Exception {
        var image = directory.resolve("image");
        if (!Files.isExecutable(ChildJvm.javaHome().resolve("bin/jlink"))) {
            throw new AssertionError(ChildJvm.javaHome() + " has no jlink: run the tests on a full JDK");
        }
        try (var jlink =
                Jvm.tool("jlink", "--add-modules", "java.base,java.instrument", "--output", image.toString())) {
            if (jlink.awaitEnd().exitCode() != 0) {
                throw jlink.failure(
                        "this JDK's jlink makes no image; install its jmods (Debian: openjdk-*-jdk-headless), "
                                + "or a JDK that can link from its own image (JEP 493)");
            }
        }
        try (var child = Jvm.program(Leaker.class)
                .on(image)
                .agent("action=drain,timeout=500ms,metrics=127.0.0.1:0," + "page=127.0.0.1:0")
                .start()
                .awaitWatching()) {
            for (var url : List.of(metricsAddress(child) + "/metrics", pageAddress(child) + "/")) {
                var answer = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create("http://" + url))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                child.expect(answer.body(), 200, answer.statusCode());
            }
            child.ask("leak");
            child.awaitEvent(drained(6));
            child.expect("descriptors, those that listen included", "held 2", child.ask("held"));
            child.tell("end");
            child.awaitEnd()
                    .expectExitCode(0)
                    .expect("lines that are not the agent's", List.of(OF_JETTY), child.foreignErr());
        }
    }
}
