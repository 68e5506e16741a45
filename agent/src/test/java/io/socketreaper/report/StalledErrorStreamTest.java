package io.socketreaper.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.log.StderrLogger;
import java.io.File;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** Whoever should read the standard error of the JVM does not, so that the pipe is full. */
class StalledErrorStreamTest {
    private static final int PATIENCE_SECONDS = 20;

    @Test
    void aJvmEndsAllTheSame() throws Exception {
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                Stream.of(Child.class, LogSink.class, Logger.class).map(StalledErrorStreamTest::location)
                        .collect(Collectors.joining(File.pathSeparator)), Child.class.getName()).start();
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "System.exit hangs");
        } finally {
            process.destroyForcibly();
        }
    }

    private static String location(Class<?> type) {
        return new File(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
    }

    static final class Child {
        private Child() {
        }

        public static void main(String[] arguments) throws Exception {
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
            var sink = new LogSink(new StderrLogger("test"), 60_000, 20, new Addresses(false));
            var reaper = new Thread(() -> sink.leak(Leaks.leak(Leaks.PEER_OPEN), new Outcome.Logged()));
            reaper.setDaemon(true);
            reaper.start();
            stalled.await();
            System.exit(0);
        }
    }
}
