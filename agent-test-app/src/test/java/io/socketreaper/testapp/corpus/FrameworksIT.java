package io.socketreaper.testapp.corpus;

import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.EventPattern;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.LoggedLeaks;
import io.socketreaper.testapp.harness.RealProgram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real frameworks: a leaked connection is closed by its framework, whose callbacks run and whose counters go back, and what is above it is
 * told of a failure. That nothing happens to a program without the agent is shown on the oldest JDK: it says of the program that it is
 * right to wait, and each of these JVMs costs as much of CI's time as one with the agent.
 */
class FrameworksIT {
    /** Of each kind. */
    private static final int CONNECTIONS = 6;

    private static final Set<String> KINDS = Set.of("half-closed", "peer-closed");
    private static final int WATCHED_IN_VAIN_SECONDS = 3;
    private static final int WATCHED_SECONDS = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final boolean ALSO_WITHOUT_AGENT = Jvm.feature() == 17;
    private static final List<RealProgram> FRAMEWORKS =
            RealProgram.of("corpus/frameworks/frameworks.tsv", "corpus/frameworks");
    private static final List<RealProgram> CLIENTS =
            RealProgram.of("corpus/frameworks/frameworks-clients.tsv", "corpus/frameworks");
    private static final List<RealProgram> SERVERS =
            RealProgram.of("corpus/frameworks/frameworks-servers.tsv", "corpus/frameworks");
    private static final int ANSWERS = 4;
    /** Two of each kind: with a length and in chunks, for a handler that reads a stream and for one that is called. */
    private static final int REQUESTS = 8;
    /** An answer that waits for its reader is a doubtful leak at most. */
    private static final String RELEASE_DOUBTFUL =
            "track=all,action=drain,timeout=1s,doubtful.action=drain,doubtful.timeout=none,log-interval=1s";

    @BeforeAll
    static void fetchLibraries() {
        RealProgram.fetchLibraries(
                Stream.of(FRAMEWORKS, CLIENTS, SERVERS).flatMap(List::stream).toList());
    }

    /** Over plain TCP, and over TLS with every end that an answer can have there; most of the frameworks' own pieces differ. */
    static Stream<Arguments> clients() {
        return CLIENTS.stream()
                .flatMap(program -> Stream.of("plain", "tls")
                        .filter(transport -> !program.column(transport).isEmpty())
                        .map(transport -> Arguments.of(program, transport)));
    }

    /** Answers without and with a length; the one without an agent shows that the program is right to wait. */
    @ParameterizedTest
    @MethodSource("clients")
    void noConsumerTakesAReleaseForTheEndOfItsAnswer(RealProgram program, String transport) {
        program.compile();
        var paths = program.column(transport);
        int answers = Math.max(ANSWERS, paths.split(",").length);
        var children = new ArrayList<ChildJvm>();
        try {
            children.add(client(program, WATCHED_SECONDS, answers, paths, transport)
                    .agent(RELEASE_DOUBTFUL)
                    .start());
            if (ALSO_WITHOUT_AGENT) {
                children.add(client(program, WATCHED_IN_VAIN_SECONDS, answers, paths.split(",")[0], transport)
                        .start());
                intact(children.get(1).awaitEnd(PATIENCE), answers)
                        .expectResult("held", answers)
                        .expectResult("whole", answers);
            }
            var child = intact(children.get(0).awaitEnd(PATIENCE), answers)
                    .expectResult("held", 0)
                    .expectResult("errors", answers);
            var leaks = LoggedLeaks.of(child);
            child.expect("released", (long) answers, leaks.released("peer-closed"));
            child.expect("the owner of every site", true, leaks.everySiteHas("peer-closed", ownedBy(program)));
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static Jvm client(RealProgram program, int seconds, int answers, String paths, String transport) {
        return program.jvm(answers, seconds, paths, transport, program.column("argument"));
    }

    /** Over plain TCP, and over TLS where the server reads all of a request whose client has ended it. */
    static Stream<Arguments> servers() {
        return SERVERS.stream()
                .flatMap(program -> Stream.of(program.column("transports").split(","))
                        .map(transport -> Arguments.of(program, transport)));
    }

    /** With and without a length, for handlers that read a stream and for those that are called; what was read before may be all of it. */
    @ParameterizedTest
    @MethodSource("servers")
    void noHandlerTakesAReleaseForTheEndOfARequest(RealProgram program, String transport) {
        program.compile();
        var children = new ArrayList<ChildJvm>();
        try {
            children.add(server(program, WATCHED_SECONDS, transport)
                    .agent(RELEASE_DOUBTFUL)
                    .start());
            if (ALSO_WITHOUT_AGENT) {
                children.add(server(program, WATCHED_IN_VAIN_SECONDS, transport).start());
                waits(children.get(1));
            }
            var child = children.get(0);
            child.awaitEnd(PATIENCE)
                    .expectExitCode(0)
                    .expectResult("held", 0)
                    .expectResult("short", 0)
                    .expectResult("hung", 0)
                    .expectResult("wrong", 0)
                    .expectResult("answered", 0)
                    .expectResult("open", 0)
                    .expectResult("next", REQUESTS + 2)
                    .expectResult("timeouts", 1);
            var leaks = LoggedLeaks.of(child);
            child.expect("released", (long) REQUESTS, leaks.released("peer-closed"));
            child.expect("the owner of every site", true, leaks.everySiteHas("peer-closed", ownedBy(program)));
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static void waits(ChildJvm withoutAgent) {
        withoutAgent
                .awaitEnd(PATIENCE)
                .expectExitCode(0)
                .expectResult("whole", REQUESTS)
                .expectResult("next", REQUESTS + 2)
                .expectResult("open", 0)
                .expectResult("timeouts", 1);
        // The server may still have one of the connections that asked next.
        withoutAgent.expect(
                "held without the agent",
                true,
                Integer.parseInt(withoutAgent.result().get("held")) >= REQUESTS);
    }

    private static Jvm server(RealProgram program, int seconds, String transport) {
        return program.jvm(REQUESTS, seconds, transport, program.column("argument"));
    }

    /** What must hold whatever is released: no lie, no request twice, and a client that goes on. */
    private static ChildJvm intact(ChildJvm child, int answers) {
        return child.expectExitCode(0)
                .expectResult("short", 0)
                .expectResult("hung", 0)
                .expectResult("wrong", 0)
                .expectResult("repeated", 0)
                .expectResult("leased", 0)
                .expectResult("slow", 1)
                .expectResult("next", answers + 2)
                .expectResult("timeouts", 1);
    }

    static List<RealProgram> frameworks() {
        return FRAMEWORKS;
    }

    @ParameterizedTest
    @MethodSource("frameworks")
    void closesItsOwnConnections(RealProgram program) {
        program.compile();
        var children = new ArrayList<ChildJvm>();
        try {
            for (var action : List.of("drain", "close")) {
                children.add(program.jvm(CONNECTIONS, WATCHED_SECONDS, program.column("argument"))
                        // On a busy machine a second may pass between the opening of a server channel and its bind.
                        .agent("track=all,action=" + action
                                + ",timeout=1s,never-connected.timeout=10s,doubtful.timeout=none,doubtful.action="
                                + action)
                        .start());
            }
            if (ALSO_WITHOUT_AGENT) {
                children.add(program.jvm(CONNECTIONS, WATCHED_IN_VAIN_SECONDS, program.column("argument"))
                        .start());
                children.get(2).awaitEnd(PATIENCE).expectExitCode(0).expectResult("held", KINDS.size() * CONNECTIONS);
            }
            for (var child : children.subList(0, 2)) {
                closed(child.awaitEnd(PATIENCE), program);
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static void closed(ChildJvm child, RealProgram program) {
        child.expectExitCode(0).expectResult("held", 0);
        var counters = "COUNTERS " + program.column("counters").replace("CONNECTIONS", "" + KINDS.size() * CONNECTIONS);
        child.expect("the framework's counters", true, child.out().contains(counters));
        var leaks = LoggedLeaks.of(child);
        child.expect("other kinds", Set.of(), leaks.kindsBut(KINDS));
        for (var kind : KINDS) {
            child.expect("found " + kind, (long) CONNECTIONS, leaks.found(kind));
            child.expect("released " + kind, (long) CONNECTIONS, leaks.released(kind));
            child.expect("the owner of every " + kind, true, leaks.everySiteHas(kind, ownedBy(program)));
        }
    }

    /** The report of a release names the framework as the socket's owner. */
    private static EventPattern ownedBy(RealProgram program) {
        return leak().matching("owner", "^" + Pattern.quote(program.column("owner")));
    }
}
