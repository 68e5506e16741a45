package io.socketreaper.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.imaginary.RecordingSink;
import io.socketreaper.report.Leaks;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeakSinksTest {
    private final RecordingLogger log = new RecordingLogger();
    private final InternalFailures failures = new InternalFailures(log);
    private final Leak leak = Leaks.leak(Leaks.PEER_OPEN);

    @Test
    void everySinkGetsEveryReport() {
        var first = new RecordingSink();
        var second = new RecordingSink();
        var sinks = new LeakSinks(List.of(first, second), failures);
        sinks.leak(leak, new Outcome.Logged());
        sinks.releasedAfterAll(leak, AfterAll.CLOSED, 5);

        for (RecordingSink sink : List.of(first, second)) {
            assertEquals(new Outcome.Logged(), sink.outcome());
            assertEquals(List.of(new RecordingSink.Alive(leak, true, 5)), sink.alive());
        }
        assertEquals(0, failures.count());
    }

    @Test
    void aSinkThatThrowsKeepsNothingFromTheOthersAndIsSaidOnce() {
        for (Throwable thrown : List.of(new IllegalStateException("disk full"), new StackOverflowError())) {
            log.take();
            var failuresOfThisRun = new InternalFailures(log);
            var before = new RecordingSink();
            var after = new RecordingSink();
            var sinks = new LeakSinks(List.of(before, new ThrowingSink(thrown), after), failuresOfThisRun);
            for (int i = 0; i < 10; i++) {
                sinks.leak(leak, new Outcome.Logged());
                sinks.releasedAfterAll(leak, AfterAll.USED, 5);
                sinks.tick(i);
            }

            assertEquals(10, before.reports().size());
            assertEquals(10, after.reports().size());
            assertEquals(10, after.alive().size());
            assertEquals(30, failuresOfThisRun.count());
            List<String> lines = log.take();
            assertEquals(1, lines.size(), lines::toString);
            assertTrue(
                    lines.get(0)
                            .startsWith(
                                    "ERROR internal error in the agent: a report could not be written. The application is not"
                                            + " affected"),
                    lines.get(0));
            assertTrue(lines.get(0).endsWith("<" + thrown.getMessage() + ">"), "with its cause: " + lines.get(0));
        }
    }

    /** It is asked in the first look at each suspect, which would come to nothing. */
    @Test
    void aSinkThatThrowsWhenItIsAskedWhatItWantsWantsNothing() {
        var broken = new ThrowingSink(new NoClassDefFoundError("jdk/jfr/Event"));
        assertFalse(new LeakSinks(List.of(broken), failures).wantsSuspects());
        assertEquals(1, failures.count());
        var curious = new RecordingSink() {
            @Override
            public boolean wantsSuspects() {
                return true;
            }
        };
        assertTrue(new LeakSinks(List.of(broken, curious), failures).wantsSuspects());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneSinkWithMoreToSayIsEnough(boolean more) {
        var talkative = new RecordingSink() {
            @Override
            public boolean tick(long now) {
                return more;
            }
        };
        assertEquals(
                more,
                new LeakSinks(
                                List.of(new ThrowingSink(new IllegalStateException()), talkative, new RecordingSink()),
                                failures)
                        .tick(0));
    }

    @Test
    void withoutASinkNothingHappens() {
        var none = new LeakSinks(List.of(), failures);
        none.leak(leak, new Outcome.Logged());

        assertFalse(none.tick(0));
    }

    private record ThrowingSink(Throwable thrown) implements LeakSink {
        @Override
        public boolean wantsSuspects() {
            fail();
            return true;
        }

        @Override
        public void leak(Leak unused, Outcome outcome) {
            fail();
        }

        @Override
        public void releasedAfterAll(Leak unused, AfterAll how, long afterMillis) {
            fail();
        }

        @Override
        public boolean tick(long now) {
            fail();
            return true;
        }

        private void fail() {
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) thrown;
        }
    }
}
