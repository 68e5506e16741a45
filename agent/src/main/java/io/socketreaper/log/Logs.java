package io.socketreaper.log;

import io.socketreaper.socket.Clock;
import java.io.File;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;

/** Makes every log but the usual one, {@link StderrLogger}. */
public final class Logs {
    private Logs() {
    }

    /** JSON lines on standard error. */
    public static Logger json() {
        return new OutletLogger(new StandardError(Format.JSON));
    }

    /**
     * A file that is rotated.
     *
     * @param setting   what the operator wrote, for messages
     * @param mostBytes the size at which it is rotated
     * @param kept      how many older files are kept
     */
    public static Logger file(String setting, File file, Format format, long mostBytes, int kept) {
        return new OutletLogger(new RotatingFile(setting, file, mostBytes, kept, format, new StandardError(format),
                Clock.SYSTEM));
    }

    /**
     * The application's own.
     *
     * @param threads makes the one thread that waits for it
     */
    public static Logger application(Application application, ThreadFactory threads) {
        var log = new ApplicationLog(application, new StandardError(Format.TEXT), Clock.SYSTEM);
        log.start(threads);
        return new OutletLogger(log);
    }
}
