package io.socketreaper.cli;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/** A line on a terminal that is written over as a work goes on; without a terminal on standard error it shows nothing. */
final class ProgressLine implements AutoCloseable {
    private static final long EVERY = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int PERCENT = 100;

    private final PrintWriter err;
    private final boolean shown;
    private long last;
    private int length;

    ProgressLine(PrintWriter err, boolean shown) {
        this.err = err;
        this.shown = shown;
    }

    void show(String text) {
        long now = System.nanoTime();
        if (shown && (length == 0 || now - last > EVERY)) {
            last = now;
            err.print('\r' + text + " ".repeat(Math.max(0, length - text.length())));
            err.flush();
            length = text.length();
        }
    }

    /** @param total how many there are in all; 0 if that is not known */
    void show(String what, long done, long total) {
        show(total == 0 ? what + " ..." : what + ": " + Math.min(PERCENT, PERCENT * done / total) + " %");
    }

    @Override
    public void close() {
        if (length > 0) {
            err.print('\r' + " ".repeat(length) + '\r');
            err.flush();
            length = 0;
        }
    }
}
