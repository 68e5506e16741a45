package io.socketreaper.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.LeakKind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whose a socket is while tests run at the same time. */
class RunningTestTest {
    private static class Mail {
        private static class Nested extends Mail {}
    }

    private static class Web {}

    private static StackTraceElement[] opened(Class<?> type, String method) {
        return new StackTraceElement[] {
            frame("java.net.Socket", "<init>"),
            frame("org.example.Client", "connect"),
            frame(type.getName(), method),
            frame("org.junit.platform.Launcher", "execute")
        };
    }

    private static StackTraceElement frame(String type, String method) {
        return new StackTraceElement(type, method, "Source.java", 1);
    }

    @Test
    void isOfTheTestWhoseMethodOpenedIt() {
        var mine = RunningTest.begin(Mail.class, "sends");
        var sibling = RunningTest.begin(Mail.class, "receives");
        var stranger = RunningTest.begin(Web.class, "sends");

        var opened = opened(Mail.class, "sends");
        assertTrue(mine.test(opened));
        assertFalse(sibling.test(opened));
        assertFalse(stranger.test(opened));
        assertTrue(mine.test(opened(Mail.class, "lambda$sends$0")));
        end(mine, sibling, stranger);
    }

    @Test
    void isOfNobodyWhenItsTestDoesNotShow() {
        var mine = RunningTest.begin(Mail.class, "sends");

        assertFalse(mine.test(new StackTraceElement[0]));
        assertFalse(mine.test(opened(Web.class, "sends")));
        end(mine);
    }

    @Test
    void whatIsOpenedBeforeEachIsOfTheOnlyTestOfItsClass() {
        var mine = RunningTest.begin(Mail.class, "sends");
        var stranger = RunningTest.begin(Web.class, "browses");
        assertTrue(mine.test(opened(Mail.class, "connect")));

        var sibling = RunningTest.begin(Mail.class, "receives");
        sibling.end();
        assertFalse(mine.test(opened(Mail.class, "connect")), "it may be the sibling's, which ran meanwhile");
        end(mine, stranger);
    }

    @Test
    void twoRunsOfOneMethodAreNotBlamedForEachOther() {
        var one = RunningTest.begin(Mail.class, "sends");
        var other = RunningTest.begin(Mail.class, "sends");

        assertFalse(one.test(opened(Mail.class, "sends")));
        assertFalse(other.test(opened(Mail.class, "sends")));
        end(one, other);
    }

    @Test
    void classesAroundAndAboveAndAnonymousOnesBelongToTheTest() {
        var mine = RunningTest.begin(Mail.Nested.class, "sends");

        assertTrue(mine.test(opened(Mail.class, "connect")));
        assertTrue(mine.test(new StackTraceElement[] {frame(Mail.class.getName() + "$1", "run")}));
        end(mine);
    }

    @Test
    void theKindsAreThoseOfTheAgent() {
        assertEquals(
                Stream.of(LeakKind.values()).map(LeakKind::toString).sorted().toList(),
                Stream.of(NoSocketLeaks.Kind.values())
                        .map(NoSocketLeaks.Kind::toString)
                        .sorted()
                        .toList());
    }

    private static void end(RunningTest... tests) {
        for (var test : tests) {
            test.end();
        }
    }
}
