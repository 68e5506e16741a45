package io.socketreaper.testapp.report;

import static io.socketreaper.testapp.harness.AgentSays.error;
import static io.socketreaper.testapp.harness.AgentSays.metricsAddress;
import static io.socketreaper.testapp.harness.AgentSays.pageAddress;
import static io.socketreaper.testapp.harness.AgentSays.says;
import static io.socketreaper.testapp.harness.EventPattern.any;
import static io.socketreaper.testapp.harness.EventPattern.drained;
import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.FreePort;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The metrics of a leaking JVM, read by a real Prometheus and checked by its own tool. */
class MetricsIT {
    private static final String DRAIN = "action=drain,timeout=500ms";
    /** Classes of ours that an agent does without whose outlets are all off and whom nobody asks. */
    private static final Pattern OF_OUTLETS = Pattern.compile(
            "io\\.socketreaper\\.(?!(bootstrap|bridge|config|control|descriptor|detect|leak|log|model|owner|probe"
                    + "|release|report|runtime|selector|stack|text|thread|shaded\\.(bytebuddy\\.jar\\.asm|slf4j)|testapp)\\.)\\S+");

    /** 127.0.0.1, the same in IPv6, and ::1, in the order of this machine's bytes. */
    private static final Pattern LOOPBACK = Pattern.compile("(0{16}FFFF0000)?0100007F|0{24}01000000");

    private static final Pattern IN_TEXT = Pattern.compile("(?m)^```\\n(.*\\bsocketreaper_.*)\\n```$");
    private static final int LEAKS = 5;

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    @Test
    void prometheusCountsWhatTheAgentReleases() throws Exception {
        try (var child =
                Jvm.program(Leaker.class).agent(DRAIN + ",metrics=127.0.0.1:0").start()) {
            String address = metricsAddress(child);
            int port = FreePort.next();
            try (var prometheus = prometheus(address, port)) {
                awaitValue(prometheus, port, "up{job=\"socket-reaper\"}", 1);
                awaitValue(prometheus, port, "sum(socketreaper_sockets_released_total)", 0);
                for (int i = 0; i < LEAKS; i++) {
                    child.ask("leak");
                }
                awaitValue(
                        prometheus,
                        port,
                        "sum(socketreaper_sockets_released_total{kind=\"half-closed\",action=\"drained\"})",
                        LEAKS);
                awaitValue(prometheus, port, "sum(socketreaper_leaks_found_total)", LEAKS);
                awaitValue(
                        prometheus,
                        port,
                        "sum(socketreaper_leak_site_found_total{location=~\".*Leaker.leak.*\"})",
                        LEAKS);
                awaitValue(prometheus, port, "socketreaper_drained_bytes_total", LEAKS * "RSET\r\n".length());
                awaitValue(prometheus, port, "sum(socketreaper_leaks_held)", 0);
                String rules = get("http://127.0.0.1:" + port + "/api/v1/rules").body();
                assertTrue(rules.contains("\"health\":\"ok\"") && !rules.contains("\"health\":\"err\""), rules);
                for (String query : documentedQueries()) {
                    String answer = get(query(port, query)).body();
                    assertTrue(answer.startsWith("{\"status\":\"success\""), () -> query + " is answered " + answer);
                }
            }
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    @Test
    void promtoolFindsNothingToCriticise() throws Exception {
        try (var child = Jvm.program(Leaker.class)
                .agent(DRAIN + ",track=all,metrics=localhost:0")
                .start()) {
            child.ask("leak");
            child.awaitEvent(drained());
            String scrape = get("http://" + metricsAddress(child).replace("localhost", "127.0.0.1") + "/metrics")
                    .body();
            var file = Files.writeString(directory.resolve("scrape"), scrape);
            try (var promtool = new ChildJvm(
                    new ProcessBuilder(tool("promtool"), "check", "metrics").redirectInput(file.toFile()))) {
                promtool.awaitEnd().expectExitCode(0);
                assertEquals(List.of(), promtool.err());
            }
        }
    }

    @Test
    void theShippedAlertsFireWhenTheyShould() {
        for (var arguments :
                List.of(List.of("check", "rules", "alerts.yml"), List.of("test", "rules", "alerts-test.yml"))) {
            var command = new ArrayList<>(List.of(tool("promtool")));
            command.addAll(arguments);
            try (var promtool = new ChildJvm(new ProcessBuilder(command).directory(docs().toFile()))) {
                promtool.awaitEnd().expectExitCode(0);
            }
        }
    }

    @Test
    void anAddressThatOthersCanReachIsRefusedAndTheAgentGoesOn() {
        try (var child =
                Jvm.program(Leaker.class).agent(DRAIN + ",metrics=0.0.0.0:0").start()) {
            child.ask("leak");
            child.awaitEvent(error("metrics=0.0.0.0:0 is refused, because other machines could reach it: .*"
                    + "metrics.allow-remote=true"));
            child.awaitEvent(drained());
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    @Test
    void aPortInUseIsSaidOnceAndTheApplicationGoesOn() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                var child = Jvm.program(Leaker.class)
                        .agent(DRAIN + ",metrics=127.0.0.1:" + taken.getLocalPort())
                        .start()) {
            child.ask("leak");
            child.awaitEvent(error("metrics=\\S+ is off: the agent cannot listen there: Address already in use"));
            child.awaitEvent(drained());
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines().expectEvents(1, any().with("level", "ERROR"));
        }
    }

    @Test
    void theOutletsOwnSocketsAreNotWatched() throws Exception {
        try (var child = Jvm.program(Leaker.class)
                .agent("action=close,track=all,timeout=100ms,metrics=127.0.0.1:0")
                .start()) {
            child.ask("held");
            String url = "http://" + metricsAddress(child) + "/metrics";
            for (int i = 0; i < 300; i++) {
                assertEquals(200, get(url).statusCode());
            }
            poll(
                    "a fresh scrape without suspects",
                    child,
                    () -> get(url).body().contains("\nsocketreaper_suspects 0.0\n") ? "yes" : null);
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectEvents(0, leak()).expectEvents(0, says("internal error"));
        }
    }

    @Test
    void offByDefaultThereIsNoPortNoThreadAndNoClass() throws Exception {
        var classes = directory.resolve("classes");
        try (var child = Jvm.program(Leaker.class)
                .agentWithItsLog(DRAIN)
                .option("-Xlog:class+load:file=" + classes)
                .start()) {
            child.ask("leak");
            child.awaitErr("done +drained");
            assertEquals(
                    new TreeSet<>(
                            List.of("socket-reaper/daemon", "socket-reaper-closer/daemon", "socket-reaper-log/daemon")),
                    agentsThreads(child));
            assertEquals(1, listening(child).size(), "the program's own");
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
        assertEquals(
                List.of(),
                OF_OUTLETS
                        .matcher(Files.readString(classes))
                        .results()
                        .map(match -> match.group())
                        .toList());
    }

    @Test
    void servingTakesFiveDaemonThreadsAndOnePort() throws Exception {
        try (var child =
                Jvm.program(Leaker.class).agent(DRAIN + ",metrics=127.0.0.1:0").start()) {
            child.ask("held");
            String url = "http://" + metricsAddress(child) + "/metrics";
            Stream.generate(() -> url)
                    .limit(100)
                    .parallel()
                    .forEach(each -> client.sendAsync(
                                    HttpRequest.newBuilder(URI.create(each)).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .join());
            var threads = agentsThreads(child);
            threads.removeIf(thread -> !thread.startsWith("socket-reaper-http"));
            assertTrue(
                    threads.size() <= 5 && threads.stream().allMatch(thread -> thread.endsWith("/daemon")),
                    threads.toString());
            assertEquals(2, listening(child).size(), "the program's own, and the outlet's");
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, localhost", "[::1], [::1]"})
    void whatNobodyHasOpenedListensToThisMachineOnly(String metrics, String page) throws Exception {
        try (var child = Jvm.program(Leaker.class)
                .agent("metrics=" + metrics + ":0,page=" + page + ":0")
                .start()) {
            child.ask("held");
            assertEquals(
                    200, get("http://" + metricsAddress(child) + "/metrics").statusCode());
            assertEquals(200, get("http://" + pageAddress(child) + "/").statusCode());
            var addresses = listening(child);
            assertEquals(3, addresses.size(), "the program's own, and one for each outlet: " + addresses);
            assertTrue(addresses.stream().allMatch(LOOPBACK.asMatchPredicate()), addresses.toString());
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    private static TreeSet<String> agentsThreads(ChildJvm child) {
        var names = new TreeSet<>(
                List.of(child.ask("threads").substring("threads ".length()).split(",")));
        names.removeIf(name -> !name.startsWith("socket-reaper"));
        return names;
    }

    /** Where its listening TCP sockets are bound, as the kernel writes it. */
    private static List<String> listening(ChildJvm child) throws IOException {
        var held = new TreeSet<String>();
        try (var descriptors = Files.list(Path.of("/proc", Long.toString(child.pid()), "fd"))) {
            for (var descriptor : descriptors.toList()) {
                try {
                    held.add(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException closedMeanwhile) {
                    // not ours to count
                }
            }
        }
        var addresses = new ArrayList<String>();
        for (var table : List.of("tcp", "tcp6")) {
            for (var line : Files.readAllLines(Path.of("/proc/net", table))) {
                var fields = line.trim().split(" +");
                if (fields[3].equals("0A") && held.contains("socket:[" + fields[9] + "]")) {
                    addresses.add(fields[1].split(":")[0]);
                }
            }
        }
        return addresses;
    }

    // -- Prometheus

    private static String tool(String name) {
        var file = Path.of("/usr/bin", name);
        assertTrue(
                Files.isExecutable(file),
                () -> file + " is missing; .ci/setup installs it, or: apt-get install prometheus");
        return file.toString();
    }

    private ChildJvm prometheus(String target, int port) throws IOException {
        var configuration = Files.writeString(
                directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: socket-reaper
                    static_configs: [{targets: ["%s"]}]
                """.formatted(docs().resolve("alerts.yml"), target));
        return new ChildJvm(new ProcessBuilder(
                tool("prometheus"),
                "--config.file=" + configuration,
                "--log.level=warn",
                "--storage.tsdb.path=" + directory.resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port));
    }

    private static String query(int port, String query) {
        return "http://127.0.0.1:" + port + "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
    }

    /** Those of the dashboard, with what Grafana would put in, and those of the documentation. */
    private static List<String> documentedQueries() throws IOException {
        var queries = new ArrayList<String>();
        for (var panel : new Gson()
                .fromJson(Files.readString(docs().resolve("grafana-dashboard.json")), JsonObject.class)
                .getAsJsonArray("panels")) {
            for (var target : panel.getAsJsonObject().getAsJsonArray("targets")) {
                queries.add(target.getAsJsonObject()
                        .get("expr")
                        .getAsString()
                        .replaceAll("\\$(job|instance)", ".*")
                        .replaceAll("\\$__(range|rate_interval)", "5m"));
            }
        }
        assertTrue(queries.size() > 15, queries::toString);
        var inText = IN_TEXT.matcher(Files.readString(docs().resolve("fleet.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertEquals(1, inText.size(), inText::toString);
        queries.addAll(inText);
        return queries;
    }

    private void awaitValue(ChildJvm prometheus, int port, String query, int value) throws Exception {
        String url = query(port, query);
        var wanted = Pattern.compile("\"value\":\\[[\\d.]+,\"" + value + "\"]");
        poll(
                query + " = " + value,
                prometheus,
                () -> wanted.matcher(get(url).body()).find() ? "yes" : null);
    }

    /** Asks again until there is an answer. */
    private static void poll(String what, ChildJvm of, Callable<String> question) throws Exception {
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        while (System.nanoTime() < deadline && of.isAlive()) {
            try {
                if (question.call() != null) {
                    return;
                }
            } catch (IOException notListeningYet) {
                // it starts
            }
            LockSupport.parkNanos(50_000_000);
        }
        throw of.failure("never seen: " + what);
    }

    private HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static Path docs() {
        var inModule = Path.of("..", "docs");
        return (Files.isDirectory(inModule) ? inModule : Path.of("docs"))
                .toAbsolutePath()
                .normalize();
    }
}
