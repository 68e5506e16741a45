package io.socketreaper.testapp.pressure;

import static io.socketreaper.testapp.harness.AgentSays.metricsServed;
import static io.socketreaper.testapp.harness.AgentSays.pageServed;
import static io.socketreaper.testapp.harness.AgentSays.says;
import static io.socketreaper.testapp.harness.AgentSays.watching;

import io.socketreaper.testapp.harness.AgentStatus;
import io.socketreaper.testapp.harness.Jvm;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * JVMs that open their first sockets when hardly a descriptor is left. Classes of the JDK that were initialised by the agent then
 * would stay broken for good: JDK 17 would close no socket any more.
 */
class FewDescriptorsIT {
    private static final int LIMIT = 60;
    private static final int ENOUGH = 16;
    /** While the program opens its sockets it has a few more. */
    private static final int CERTAINLY_FEW = ENOUGH - 4;
    /** A command takes three. */
    private static final int LEFT_FOR_A_COMMAND = 4;

    static Stream<Arguments> left() {
        return IntStream.rangeClosed(0, ENOUGH)
                .boxed()
                .flatMap(left -> left % 4 == 1
                        ? Stream.of(Arguments.of(left, "socket"), Arguments.of(left, "channel"))
                        : Stream.of(Arguments.of(left, "socket")));
    }

    @ParameterizedTest
    @MethodSource("left")
    void theSelfTestsWaitUntilDescriptorsAreFreeAndTheProgramGoesOn(int left, String kind) {
        try (var child = fewLeft(left, kind, "action=log").start()) {
            child.awaitOut("FEW LEFT");
            var name = kind.equals("socket") ? "Socket" : "SocketChannel";
            if (left < CERTAINLY_FEW) {
                child.awaitEvent(
                        says("the self-test of " + name + " waits until 16 descriptors are free, now \\d+ are: "));
            }
            child.tell("go on");
            child.awaitOut("WORKS");
            child.awaitEvent(watching(name));
            child.expectEvents(0, says("could not run|internal error|switched off"))
                    .expectOnlyOwnLines();
            if (left < CERTAINLY_FEW) {
                child.expectEvents(1, says("the self-test of " + name + " waits"));
            }
        }
    }

    @Test
    void theOutletsWaitTooAndTheStatusSaysSo() {
        try (var child = fewLeft(9, "socket", "action=log,page=127.0.0.1:0,metrics=127.0.0.1:0")
                .start()) {
            child.awaitOut("FEW LEFT");
            child.awaitEvent(says("the HTTP server of the metrics waits until 16 descriptors are free"));
            var status = AgentStatus.of(child);
            child.expect("Socket", "waiting: fewer than 16 descriptors are free", status.stack("Socket"));
            child.expect(
                    "problems",
                    List.of(
                            "the self-test of Socket waits until 16 descriptors are free",
                            "the HTTP server of the metrics waits until 16 descriptors are free"),
                    status.problems());
            child.expectEvents(0, metricsServed())
                    .expectEvents(0, pageServed())
                    .expectEvents(0, says("could not be opened|is off"));

            child.tell("go on");
            child.awaitOut("WORKS");
            for (var event : List.of(watching("Socket"), metricsServed(), pageServed())) {
                child.awaitEvent(event);
            }
            status = AgentStatus.of(child);
            child.expect("Socket", "watched", status.stack("Socket"));
            child.expect("problems", List.of(), status.problems());
            child.expectEvents(0, says("internal error|could not be opened"));
        }
    }

    /** Of such a command the answer is written by the agent, with what the JDK has. */
    @Test
    void aCommandBreaksNothingEither() {
        try (var child = fewLeft(LEFT_FOR_A_COMMAND, "socket", "action=log").start()) {
            child.awaitOut("FEW LEFT");
            child.awaitEvent(says("the self-test of Socket waits"));
            child.expect(
                    "Socket",
                    "waiting: fewer than 16 descriptors are free",
                    AgentStatus.of(child).stack("Socket"));
            child.tell("go on");
            child.awaitOut("WORKS");
            child.awaitEvent(watching("Socket"));
        }
    }

    private static Jvm fewLeft(int left, String kind, String settings) {
        return Jvm.program(FewDescriptorsLeft.class, Integer.toString(left), kind)
                .descriptors(LIMIT)
                .option("-XX:+EnableDynamicAgentLoading")
                .agent(settings);
    }
}
