package io.socketreaper.log;

import io.socketreaper.model.Clock;
import java.io.File;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;

/** Makes every log except the default one, {@link StderrLogger}. */
public final class Logs {
    private Logs() {}

    /**
     * JSON lines on standard error.
     *
     * @param threads makes the thread that writes
     */
    public static Logger json(ThreadFactory threads) {
        return new OutletLogger(standardError(LogFormat.JSON, threads));
    }

    private static LogOutlet standardError(LogFormat format, ThreadFactory threads) {
        return new QueuedLines(format, new LogThread(new StandardError(format), threads));
    }

    /**
     * A file that is rotated.
     *
     * @param setting   what the operator wrote, for messages
     * @param mostBytes the size at which it is rotated
     * @param kept      how many older files are kept
     * @param threads   makes the thread that writes
     */
    public static Logger file(
            String setting, File file, LogFormat format, long mostBytes, int kept, ThreadFactory threads) {
        return new OutletLogger(new QueuedLines(
                format,
                new LogThread(
                        new RotatingFile(setting, file, mostBytes, kept, new StandardError(format), Clock.SYSTEM),
                        threads)));
    }

    /**
     * The application's own.
     *
     * @param threads makes the thread that waits for the application's log, and the one that writes the entries which that log does not take
     */
    public static Logger application(Application application, ThreadFactory threads) {
        var log = new ApplicationLog(application, standardError(LogFormat.TEXT, threads), Clock.SYSTEM);
        log.start(threads);
        return new OutletLogger(log);
    }
}
