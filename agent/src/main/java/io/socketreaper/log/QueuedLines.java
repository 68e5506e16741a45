package io.socketreaper.log;

import java.io.IOException;

/** Formats each entry on the calling thread, and has the line written. */
final class QueuedLines implements LogOutlet {
    private final LogFormat format;
    private final LogThread thread;

    QueuedLines(LogFormat format, LogThread thread) {
        this.format = format;
        this.thread = thread;
    }

    @Override
    public void write(LogEntry entry) {
        thread.write(format.of(entry));
    }

    @Override
    public void lost(Throwable why) {
        thread.lost(why);
    }

    @Override
    public void flush(long nanos) {
        thread.flush(nanos);
    }

    @Override
    public void close() throws IOException {
        thread.close();
    }
}
