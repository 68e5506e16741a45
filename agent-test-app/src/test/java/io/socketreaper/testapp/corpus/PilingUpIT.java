package io.socketreaper.testapp.corpus;

import static io.socketreaper.testapp.harness.EventPattern.event;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.AgentStatus;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.LoggedEvent;
import io.socketreaper.testapp.harness.RealProgram;
import io.socketreaper.testapp.harness.Tool;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Published leaks of which no single socket is proven, because only their number says so, and programs with as many connections that are
 * no leaks. They run at the same time, for most of it is waiting, and the tests look at one after the other.
 * {@code -Dupdate-docs=true} writes what was measured into {@code docs/corpus.md}.
 */
@Execution(ExecutionMode.SAME_THREAD)
class PilingUpIT {
    private static final boolean UPDATES = Boolean.getBoolean("update-docs");

    /**
     * As hostile as it gets, but for a timeout that is longer than the three seconds for which the JDK's HttpClient selects at a time: for so
     * long a channel that it has closed may keep its descriptor.
     */
    private static final String SETTINGS = "track=all,action=close,timeout=5s,growing.window=10s";

    private static final int MOST_REQUESTS = 400;
    private static final int PILING_SECONDS = 600;
    private static final int STEADY_CONNECTIONS = 40;
    /** Four growth windows. */
    private static final int STEADY_SECONDS = 40;
    /** A kind that is only reported: the JDK opens sockets to ask for their options, and drops them. */
    private static final String ONLY_REPORTED = "never-connected";

    private static final List<RealProgram> PILING = RealProgram.of("corpus/piling.tsv", "corpus/piling");
    private static final List<RealProgram> STEADY = RealProgram.of("corpus/steady.tsv", "corpus/steady");
    private static final CorpusTable PILING_TABLE = new CorpusTable(
            "piling up",
            PilingUpIT.class,
            List.of(
                    "case",
                    "library",
                    "version",
                    "issue",
                    "piles up",
                    "named as",
                    "seconds to the finding on 17",
                    "on the newest"),
            List.of("library", "version", "issue", "piles"));
    private static final CorpusTable STEADY_TABLE = new CorpusTable(
            "steady",
            PilingUpIT.class,
            List.of("program", "libraries", "versions", "what it does", "findings", "opened on 17", "on the newest"),
            List.of("libraries", "versions", "what"));

    private static final Map<String, ChildJvm> CHILDREN = new LinkedHashMap<>();

    @BeforeAll
    static void startAll() {
        RealProgram.fetchLibraries(
                Stream.concat(PILING.stream(), STEADY.stream()).toList());
        // One after the other: on a machine that starts fifteen JVMs a pool takes longer than a growth window to fill.
        STEADY.forEach(
                program -> start(program, STEADY_CONNECTIONS, STEADY_SECONDS).awaitOut("READY"));
        PILING.forEach(program -> start(program, MOST_REQUESTS, PILING_SECONDS));
    }

    private static ChildJvm start(RealProgram program, int connections, int seconds) {
        var child = program.compile().jvm(connections, seconds).agent(SETTINGS).start();
        CHILDREN.put(program.name(), child);
        return child;
    }

    @AfterAll
    static void endAll() {
        CHILDREN.values().forEach(ChildJvm::close);
        if (UPDATES) {
            PILING_TABLE.write(PILING);
            STEADY_TABLE.write(STEADY);
        }
    }

    static List<RealProgram> piling() {
        return PILING;
    }

    static List<RealProgram> steady() {
        return STEADY;
    }

    @Test
    void eachIsWrittenDownWithTheAddressOfItsIssue() {
        if (!UPDATES) {
            PILING_TABLE.check(PILING);
            STEADY_TABLE.check(STEADY);
        }
    }

    @ParameterizedTest
    @MethodSource("piling")
    void theLineThatPilesUpIsNamedAndNoSocketIsTouched(RealProgram program) {
        var child = CHILDREN.get(program.name());
        try {
            var growing = child.awaitEvent(event("growing"));
            child.expect("site like " + program.column("site"), true, isNamed(program, growing.text("location")));
            child.expect("the program in its stack", true, isIn(program, growing.list("stack")));

            child.expect("rate", true, growing.number("per_hour") > 1000);
            child.expect("time to the limit", true, growing.number("limit_in_ms") > 0);
            // A collection may have closed some in this moment.
            var first = first(Tool.await(
                    child,
                    "first the site that grows",
                    open -> isFirst(growing.text("site"), open.getAsJsonArray()),
                    "open",
                    pid(child)));
            child.expect(
                    "states of " + first, true, first.getAsJsonObject("states").has(program.column("state")));
            assertUntouched(child);
            if (UPDATES) {
                PILING_TABLE.set(program, 0, "`" + withoutLine(growing.text("location")) + "`");
                PILING_TABLE.setOfThisJdk(program, "" + secondsTo(child, growing));
            }
        } finally {
            child.close();
        }
    }

    @ParameterizedTest
    @MethodSource("steady")
    void asManyConnectionsThatAreNoLeakGiveNoFinding(RealProgram program) {
        var child = CHILDREN.get(program.name());
        try {
            child.awaitOut("RESULT ").expectResult("damaged", 0);
            child.expect(
                    "bytes were checked", true, Long.parseLong(child.result().get("bytes")) > 0);
            long opened = StreamSupport.stream(
                            Tool.json("open", pid(child)).getAsJsonArray().spliterator(), false)
                    .mapToLong(site -> site.getAsJsonObject().get("opened").getAsLong())
                    .max()
                    .orElse(0);
            child.expect("opened at one site: " + opened, true, opened >= Long.parseLong(program.column("least")));
            child.expectEvents(0, event("growing"));
            assertUntouched(child);
            if (UPDATES) {
                STEADY_TABLE.set(program, 0, "0");
                STEADY_TABLE.setOfThisJdk(program, "" + opened);
            }
        } finally {
            child.close();
        }
    }

    private static void assertUntouched(ChildJvm child) {
        child.expectEvents(
                0,
                leak().and("not " + ONLY_REPORTED, event -> !event.text("kind").equals(ONLY_REPORTED)));
        child.expect("released", 0L, AgentStatus.of(child).total("released"));
    }

    private static boolean isNamed(RealProgram program, String location) {
        return Pattern.compile(program.column("site")).matcher(location).find();
    }

    private static boolean isIn(RealProgram program, List<String> stack) {
        return stack.stream().anyMatch(frame -> frame.startsWith(program.name() + "."));
    }

    /** Without what differs from version to version of the program. */
    private static String withoutLine(String location) {
        return location.substring(0, location.indexOf('('));
    }

    private static long secondsTo(ChildJvm child, LoggedEvent event) {
        return Duration.between(Instant.parse(child.events().get(0).text("time")), Instant.parse(event.text("time")))
                .toSeconds();
    }

    private static JsonObject first(JsonElement open) {
        return open.getAsJsonArray().get(0).getAsJsonObject();
    }

    private static boolean isFirst(String site, JsonArray open) {
        return !open.isEmpty() && first(open).get("id").getAsString().equals(site);
    }

    private static String pid(ChildJvm child) {
        return Long.toString(child.pid());
    }
}
