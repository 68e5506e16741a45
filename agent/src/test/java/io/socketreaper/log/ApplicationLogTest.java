package io.socketreaper.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.FakeClock;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The application's SLF4J is imaginary: a class of that name in a class loader of its own. */
class ApplicationLogTest {
    private final FakeClock clock = new FakeClock();
    private final LoggedEntries standardError = new LoggedEntries();
    private final List<Class<?>> loaded = new ArrayList<>(List.of(String.class, Object.class));
    private int looks;
    private final ApplicationLog log = new ApplicationLog(
            new Application() {
                @Override
                public Class<?>[] loadedClasses() {
                    looks++;
                    return loaded.toArray(new Class<?>[0]);
                }

                @Override
                public boolean isInitialised(Class<?> type) throws ReflectiveOperationException {
                    return io.socketreaper.descriptor.JdkClasses.isInitialised(type);
                }

                @Override
                public void open(Class<?> type) {
                    throw new AssertionError("it is open");
                }
            },
            standardError,
            clock);

    @Test
    void whatIsSaidEarlyArrivesOnceTheApplicationHasInitialisedItsLog() throws Exception {
        say(Level.INFO, "started");
        say(Level.WARN, "LEAK");
        pass(Duration.ofMinutes(5));
        var slf4j = new ImaginarySlf4j();
        loaded.add(slf4j.factory());
        pass(Duration.ofSeconds(30));
        assertFalse(slf4j.isInitialised(), "by us");

        slf4j.initialise();
        pass(Duration.ofSeconds(10));
        assertEquals(List.of("io.socketreaper info started", "io.socketreaper warn LEAK"), slf4j.logged());
        say(Level.ERROR, "off");
        log.round();
        assertEquals("io.socketreaper error off", slf4j.logged().get(2));
        assertEquals(List.of(), standardError.take());
    }

    @Test
    void anEntryThatComesLateTellsItsTime() throws Exception {
        log.write(new LogEntry(0, Level.INFO, "started", null, null));
        loaded.add(initialised().factory());
        pass(Duration.ofSeconds(1));

        assertEquals(
                List.of("io.socketreaper info (at 1970-01-01T00:00:00.000Z) started"),
                new ImaginarySlf4j(loaded.get(2)).logged());
    }

    @Test
    void theThreadThatWritesKeepsItsContextClassLoader() throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        loaded.add(initialised().factory());
        say(Level.INFO, "started");
        pass(Duration.ofSeconds(1));

        assertSame(before, Thread.currentThread().getContextClassLoader());
    }

    @Test
    void itLooksOnlyWhileSomethingWaitsAndEverLessOften() {
        pass(Duration.ofMinutes(5));
        assertEquals(0, looks);
        say(Level.INFO, "started");
        pass(Duration.ofMinutes(1));
        assertTrue(looks >= 5 && looks <= 12, () -> looks + " looks in the first minute");
        looks = 0;
        pass(Duration.ofMinutes(10));
        assertTrue(looks <= 60, () -> looks + " looks in ten minutes");
    }

    @Test
    void theOldestAreDroppedAndTheirNumberIsLogged() throws Exception {
        for (int i = 0; i < ApplicationLog.MOST_WAITING + 10; i++) {
            say(Level.INFO, "line " + i);
        }
        var slf4j = initialised();
        loaded.add(slf4j.factory());
        pass(Duration.ofSeconds(1));

        var logged = slf4j.logged();
        assertEquals(
                "io.socketreaper warn 10 older entries were dropped: this log did not exist yet, or was too slow",
                logged.get(0));
        assertEquals("io.socketreaper info line 10", logged.get(1));
        assertEquals(ApplicationLog.MOST_WAITING + 1, logged.size());
    }

    @Test
    void aLogThatDiscardsEverythingIsNotTaken() throws Exception {
        var discarding = new ImaginarySlf4j();
        discarding.state(4);
        var other = initialised();
        loaded.addAll(List.of(discarding.factory(), other.factory()));
        say(Level.INFO, "started");
        pass(Duration.ofSeconds(1));

        assertEquals(List.of(), discarding.logged());
        assertEquals(1, other.logged().size());
    }

    @Test
    void theRealOneIsFoundToo() {
        LoggerFactory.getLogger("the application's first");
        loaded.add(LoggerFactory.class);
        say(Level.INFO, "started");
        pass(Duration.ofMinutes(1));
        log.end();

        assertEquals(List.of(), standardError.take(), "it was handed over, here to the provider of package http");
    }

    @Test
    void whatWasUndeployedIsCollectedAndAnotherIsLookedFor() throws Exception {
        var first = initialised();
        var collected = new WeakReference<>(first.factory());
        loaded.add(first.factory());
        say(Level.INFO, "one");
        pass(Duration.ofSeconds(1));
        assertEquals(1, first.logged().size());
        loaded.clear();
        first = null;
        for (int i = 0; i < 100 && collected.get() != null; i++) {
            System.gc();
            LockSupport.parkNanos(10_000_000);
        }
        assertEquals(null, collected.get(), "we keep it");

        var second = initialised();
        loaded.add(second.factory());
        say(Level.INFO, "two");
        pass(Duration.ofSeconds(1));
        assertEquals(List.of("io.socketreaper info two"), second.logged());
    }

    @Test
    void aLogThatThrowsIsSaidOnceAndItsEntriesGoToStandardError() throws Exception {
        var slf4j = initialised();
        slf4j.breaks();
        loaded.add(slf4j.factory());
        say(Level.INFO, "one");
        say(Level.INFO, "two");
        pass(Duration.ofSeconds(1));

        var said = standardError.take();
        assertTrue(
                said.get(0)
                        .startsWith(
                                "ERROR log=app: the application's SLF4J failed; the agent's log entries that fail go to "),
                said.get(0));
        assertEquals(List.of("INFO one", "INFO two"), said.subList(1, said.size()));
    }

    @Test
    void whatNoLogHasTakenGoesToStandardErrorAtTheEnd() {
        for (int i = 0; i <= ApplicationLog.MOST_WAITING; i++) {
            say(Level.INFO, "line " + i);
        }
        log.end();
        var said = standardError.take();
        assertTrue(said.get(0).contains("1 older entries were dropped"), said.get(0));
        assertEquals("INFO line 1", said.get(1));
        assertEquals(ApplicationLog.MOST_WAITING + 1, said.size());

        say(Level.WARN, "last counts");
        assertEquals(List.of("WARN last counts"), standardError.take());
    }

    @Test
    void atTheEndOneMoreLookIsMadeSoThatAShortProgramHasItsLinesToo() throws Exception {
        var slf4j = initialised();
        loaded.add(slf4j.factory());
        say(Level.INFO, "started");
        log.start(task -> {
            var thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        log.end();

        assertEquals(List.of("io.socketreaper info started"), slf4j.logged());
        assertEquals(List.of(), standardError.take());
    }

    private void say(Level level, String message) {
        log.write(LogEntry.now(level, message));
    }

    /** As the log thread would. */
    private void pass(Duration time) {
        for (long left = time.toMillis(); left >= 0; left -= 50) {
            log.round();
            clock.advance(Duration.ofMillis(50));
        }
    }

    private static ImaginarySlf4j initialised() throws Exception {
        var slf4j = new ImaginarySlf4j();
        slf4j.initialise();
        return slf4j;
    }
}
