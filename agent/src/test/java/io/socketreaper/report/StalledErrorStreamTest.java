package io.socketreaper.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.Outcome;
import io.socketreaper.log.StderrLogger;
import io.socketreaper.model.LeakKind;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** Whoever should read the standard error of the JVM does not, so that the pipe is full. */
class StalledErrorStreamTest {
    private static final int PATIENCE_SECONDS = 20;
    private static final int LINES = 500;

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aJvmEndsAllTheSame(int linesBefore) throws Exception {
        var process = start(Child.class, linesBefore);
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "System.exit hangs");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Also by a hook of its own, and however fast it ends. */
    @Test
    void whatWaitsIsWrittenBeforeAJvmEnds() throws Exception {
        var process = start(Quick.class, LINES);
        try {
            var lines = process.errorReader().lines().toList();
            assertEquals(LINES + 1, lines.size());
            for (int i = 0; i < LINES; i++) {
                assertTrue(lines.get(i).endsWith("line " + i), lines.get(i));
            }
            assertTrue(lines.get(LINES).endsWith("at exit"), lines.get(LINES));
        } finally {
            process.destroyForcibly();
        }
    }

    /** Although that comes after its beginning, and no leak was reported before. */
    @Test
    void whatIsReportedWhenAJvmEndsIsWrittenAndCounted() throws Exception {
        var process = start(Released.class, 0);
        try {
            var lines = process.errorReader().lines().toList();
            assertEquals(
                    1, lines.stream().filter(line -> line.contains("LEAK ")).count(), lines::toString);
            assertEquals(
                    1, lines.stream().filter(line -> line.contains("count=")).count(), lines::toString);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(Class<?> main, int lines) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        Stream.of(Child.class, LogSink.class, Logger.class)
                                .map(StalledErrorStreamTest::location)
                                .collect(Collectors.joining(File.pathSeparator)),
                        main.getName(),
                        Integer.toString(lines))
                .start();
    }

    private static Thread daemon(Runnable task) {
        var made = new Thread(task);
        made.setDaemon(true);
        return made;
    }

    private static String location(Class<?> type) {
        return new File(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
    }

    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            var log = new StderrLogger("test", StalledErrorStreamTest::daemon);
            for (int i = Integer.parseInt(arguments[0]); i > 0; i--) {
                log.info("before");
                log.flush();
            }
            var stalled = new CountDownLatch(1);
            System.setErr(new PrintStream(new OutputStream() {
                @Override
                public void write(int any) {
                    stalled.countDown();
                    while (true) {
                        LockSupport.park();
                    }
                }
            }));
            var sink = new LogSink(log, 60_000, 20, new AddressFormat(false));
            var reaper = new Thread(() -> sink.leak(Leaks.leak(Leaks.PEER_OPEN), new Outcome.Logged()));
            reaper.setDaemon(true);
            reaper.start();
            stalled.await();
            System.exit(0);
        }
    }

    static final class Quick {
        private Quick() {}

        public static void main(String[] arguments) {
            var log = new StderrLogger("test", StalledErrorStreamTest::daemon);
            log.info("line 0");
            log.flush();
            for (int i = 1; i < Integer.parseInt(arguments[0]); i++) {
                log.info("line {}", i);
            }
            Runtime.getRuntime().addShutdownHook(new Thread(() -> log.info("at exit")));
            System.exit(0);
        }
    }

    /** Ends between the release of two sockets of a site and their report. */
    static final class Released {
        private Released() {}

        public static void main(String[] arguments) {
            var sink = new LogSink(
                    new StderrLogger("test", StalledErrorStreamTest::daemon), 60_000, 20, new AddressFormat(false));
            var site = Leaks.site("0a1b2c3d", LeakKind.HALF_CLOSED, "com.example.Session.reject(Session.java:41)");
            var leaks = List.of(Leaks.leak(site, Leaks.PEER_OPEN), Leaks.leak(site, Leaks.PEER_OPEN));
            leaks.forEach(sink::found);
            sink.lastLook(() -> leaks.forEach(leak -> sink.leak(leak, new Outcome.Logged())));
            System.exit(0);
        }
    }
}
