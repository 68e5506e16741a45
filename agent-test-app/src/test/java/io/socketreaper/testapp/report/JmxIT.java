package io.socketreaper.testapp.report;

import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.FreePort;
import io.socketreaper.testapp.harness.JmxClient;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import io.socketreaper.testapp.harness.RealProgram;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent in JConsole and in jmx_exporter. */
class JmxIT {
    private static final String EXPORTER = "io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1";

    @TempDir
    private Path directory;

    @Test
    void aClientWithoutOurClassesReadsReleasesSetsAndDetaches() throws Exception {
        try (var child =
                Jvm.program(Leaker.class).agent("timeout=500ms").start().awaitWatching()) {
            try (var client = new JmxClient(child).awaitReaper(child)) {
                child.ask("leak");
                var notification = client.nextNotification(child);
                child.expect("type", "io.socketreaper.leaksite.new", notification.getType());
                child.expect(
                        "message",
                        true,
                        notification
                                .getMessage()
                                .matches("(?s)new leak site \\w{8} \\(half-closed\\) at"
                                        + " \\S+Leaker\\.leak\\(Leaker\\.java:\\d+\\)\nLEAK half-closed .*"));
                var site = new ObjectName("io.socketreaper:type=LeakSite,id=" + notification.getUserData());
                child.expect("found at the site", 1L, client.server.getAttribute(site, "Found"));
                client.await(child, "LeaksFound", 1L);
                var all = client.everything();
                var socket = (CompositeData) all.get("SocketReaper.Sockets.first");
                child.expect("unread", 6, socket.get("unreadBytes"));
                child.expect("its phase", "leak", socket.get("phase"));
                child.expect("its end", true, socket.get("local").toString().startsWith("127.0.0.1:"));

                refuse(client, "set", "timeut=3s", "did you mean \"timeout\"");
                refuse(client, "releaseSite", List.of("nonsense", "drain"), "no leak site has the id \"nonsense\"");
                child.expect(
                        "what holds",
                        true,
                        client.invoke("set", "stack-depth=7").toString().contains("stack-depth=7"));

                var answer = (CompositeData) client.invoke("releaseSocket", socket.get("id"), "drain");
                child.expect("releases begun", 1, answer.get("begun"));
                client.await(child, "LeaksReleased", 1L);
                child.expect("bytes", 6L, client.get("DrainedBytes"));
                client.invoke("pause");
                child.expect("paused", true, client.get("Paused"));
                client.invoke("resume");

                child.expect(
                        "the last word",
                        true,
                        client.invoke("detach").toString().startsWith("detached: "));
                child.expect(
                        "MBeans after a detach",
                        Set.of(),
                        client.server.queryNames(new ObjectName("io.socketreaper:*"), null));
            }
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    private static void refuse(JmxClient client, String operation, Object arguments, String why) {
        var list = arguments instanceof List<?> many ? many : List.of(arguments);
        var refused = assertThrows(RuntimeMBeanException.class, () -> client.invoke(operation, list.toArray()));
        var cause = assertInstanceOf(IllegalArgumentException.class, refused.getCause());
        assertTrue(cause.getMessage().contains(why), cause::toString);
    }

    @Test
    void sitesFoundBeforeTheServerCameAreThereAndTheSettingTurnsItOff() throws Exception {
        try (var child =
                        Jvm.program(Leaker.class).agent("timeout=500ms").start().awaitWatching();
                var without =
                        Jvm.program(Leaker.class).agent("jmx=false").start().awaitWatching()) {
            child.ask("leak");
            child.awaitEvent(leak());
            try (var client = new JmxClient(child).awaitReaper(child)) {
                client.await(child, "LeaksFound", 1L);
                child.expect(
                        "MBeans",
                        2,
                        client.everything().keySet().stream()
                                .map(name -> name.split("\\.")[0])
                                .collect(Collectors.toSet())
                                .size());
            }
            try (var client = new JmxClient(without)) {
                without.expect(
                        "MBeans with jmx=false",
                        Set.of(),
                        client.server.queryNames(new ObjectName("io.socketreaper:*"), null));
            }
        }
    }

    @Test
    void nothingOfItIsLoadedUntilSomebodyUsesIt() throws IOException {
        var alone = loaded(Jvm.program(Leaker.class), "alone.txt");
        var withAgent = loaded(Jvm.program(Leaker.class).agentWithItsLog("timeout=500ms"), "agent.txt");
        assertTrue(withAgent.contains("io.socketreaper.runtime.JdkOutlets"), "the agent is there");
        withAgent.removeAll(alone);
        withAgent.removeIf(
                name -> !name.matches("(java\\.lang\\.management|javax\\.management|sun\\.management|com\\.sun\\.jmx"
                        + "|jdk\\.jfr|io\\.socketreaper\\.jmx|io\\.socketreaper\\.jfr)\\..*"));
        assertEquals(Set.of(), withAgent);
    }

    private Set<String> loaded(Jvm jvm, String file) throws IOException {
        var log = directory.resolve(file);
        try (var child =
                jvm.option("-Xlog:class+load=info:file=" + log + ":none").start()) {
            child.ask("leak");
            if (file.equals("agent.txt")) {
                child.awaitErr("LEAK ");
            }
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
        try (var lines = Files.lines(log)) {
            return lines.map(line -> line.split(" ")[0]).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void jmxExporterScrapesItWithTheDocumentedRules() throws Exception {
        var exporter = RealProgram.library(EXPORTER);
        var rules = Path.of("..", "docs", "jmx_exporter.yml").toAbsolutePath().normalize();
        int port = FreePort.next();
        try (var child = Jvm.program(Leaker.class)
                .agent("timeout=500ms")
                .option("-javaagent:" + exporter + "=127.0.0.1:" + port + ":" + rules)
                .start()
                .awaitWatching()) {
            child.ask("leak");
            child.awaitEvent(leak());
            var client = HttpClient.newHttpClient();
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
            String scraped;
            do {
                scraped = client.send(request, HttpResponse.BodyHandlers.ofString())
                        .body();
                if (System.nanoTime() - deadline > 0) {
                    throw child.failure("not scraped:\n" + scraped);
                }
                TimeUnit.MILLISECONDS.sleep(100);
            } while (!scraped.contains("\nsocketreaper_leaks_found_total{kind=\"half-closed\"} 1.0")
                    || !scraped.contains("socketreaper_site_found_total"));
            var lines = scraped.lines()
                    .filter(line -> line.startsWith("socketreaper_"))
                    .toList();
            for (var expected : List.of(
                    "socketreaper_open_descriptors \\d+\\.0",
                    "socketreaper_suspects 1\\.0",
                    "socketreaper_leaks_released_after_all_total\\{kind=\"half-closed\"} 0\\.0",
                    "socketreaper_descriptors\\{kind=\"listen\"} \\d+\\.0",
                    "socketreaper_leaks_found_total\\{kind=\"half-closed\"} 1\\.0",
                    "socketreaper_site_found_total\\{site=\"\\w{8}\"} 1\\.0",
                    "socketreaper_site_held\\{site=\"\\w{8}\"} 1\\.0")) {
                child.expect(
                        expected + " among\n" + String.join("\n", lines),
                        true,
                        lines.stream().anyMatch(line -> line.matches(expected)));
            }
            child.tell("end");
        }
    }
}
