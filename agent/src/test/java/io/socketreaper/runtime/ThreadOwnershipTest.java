package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.release.Release;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ReaperThread;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods of the reaper thread are called by it alone: the class files are searched for calls that come from other threads. */
class ThreadOwnershipTest {
    @Test
    void noThreadOfTheApplicationReachesWhatIsTheReaperThreads() throws Exception {
        assertEquals(Set.of(), NoLockOnApplicationThreadsTest.fromTheHook().ofReaperThread());
    }

    /** Commands, JMX, JFR, the page and the metrics, and what the program asks. */
    private static CallGraph fromOutside() throws ClassNotFoundException {
        var graph = new CallGraph().addAllBeside(HookEvents.class).stopAtReaperThread();
        graph.follow(CallGraph.nameOf(AgentController.class), "apply");
        graph.followAll(AgentRequests.class);
        graph.followAll(InProcessApi.class);
        graph.followAll(OutletOpening.class);
        return graph;
    }

    @Test
    void aRequestFromOutsideGoesThroughAQuestion() throws Exception {
        assertEquals(Set.of(), fromOutside().ofReaperThread());
    }

    /** Else the tests above would say nothing. */
    @Test
    void theAnnotationsAreInTheClassFiles() {
        var graph = new CallGraph().addAllBeside(HookEvents.class);
        assertTrue(graph.follow(CallGraph.nameOf(Release.class), "tick").ofReaperThread().stream()
                .anyMatch(line -> line.startsWith(CallGraph.nameOf(Release.class) + ".tick")));
    }

    /** What somebody might add. */
    @SuppressWarnings("unused")
    private static final class Planted {
        @ReaperThread
        private int suspects;

        @ReaperThread
        private void tick() {
            suspects++;
        }

        private <T> T ask(Question<T> question) {
            return null;
        }

        void call() {
            tick();
        }

        void throughAMethod() {
            call();
        }

        int field() {
            return suspects;
        }

        void lambda() {
            Runnable later = this::tick;
            later.run();
        }

        void byName() {
            new Whole().method();
        }

        void throughTheInterface() throws Exception {
            Question<Integer> question = () -> 1;
            question.call();
        }

        int question() {
            return ask(() -> suspects);
        }

        void make() {
            new Whole().anyThread();
        }
    }

    @ReaperThread
    private static final class Whole {
        void method() {}

        @AnyThread
        void anyThread() {}
    }

    private static CallGraph planted(String method) {
        return new CallGraph()
                .add(Planted.class)
                .add(Whole.class)
                .add(Question.class)
                .stopAtReaperThread()
                .follow(CallGraph.nameOf(Planted.class), method);
    }

    @ParameterizedTest
    @ValueSource(strings = {"call", "throughAMethod", "field", "lambda", "byName", "throughTheInterface"})
    void aCallFromAnotherThreadWouldBeFound(String method) {
        assertEquals(1, planted(method).ofReaperThread().size(), method);
    }

    @ParameterizedTest
    @ValueSource(strings = {"question", "make"})
    void aQuestionAndAMethodOfAnyThreadAreLeftAlone(String method) {
        assertEquals(Set.of(), planted(method).ofReaperThread());
    }
}
