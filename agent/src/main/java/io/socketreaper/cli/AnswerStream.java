package io.socketreaper.cli;

import io.socketreaper.control.AgentView;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.WireCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads the views that an agent writes to a file after one attach. The agent stops when the file is deleted, see {@link #close}. */
final class AnswerStream implements RenewedStream.Source {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(15);
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final long pid;
    private final ReplyFile reply;
    private final long patience;
    private long lastMillis;

    AnswerStream(long pid, ReplyFile reply, Duration every) {
        this.pid = pid;
        this.reply = reply;
        this.patience = PATIENCE + every.toNanos();
    }

    @Override
    public AgentView next() throws InterruptedException {
        long deadline = System.nanoTime() + patience;
        while (System.nanoTime() - deadline < 0) {
            AgentView view = view(read());
            if (view != null && view.status().nowMillis() != lastMillis) {
                lastMillis = view.status().nowMillis();
                return view;
            }
            if (!reply.isThere()) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        }
        throw new CliException(
                ExitCode.NO_PROCESS,
                "process " + pid
                        + " sends no more figures: it has ended or is stopped, or the agent was"
                        + " detached");
    }

    /** Null while there is none: a line without a line break is still being written, or only says that the stream has begun. */
    private static @Nullable AgentView view(String line) {
        try {
            return WireCodec.answer(line, line.endsWith("\n") ? AgentView.class : Object.class)
                            instanceof AgentView view
                    ? view
                    : null;
        } catch (ControlException refused) {
            throw new CliException(ExitCode.REFUSED, refused.getMessage(), refused);
        }
    }

    private String read() {
        try {
            return reply.read();
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.FAILED, "the output of the agent in process " + pid + " cannot be read: " + e, e);
        }
    }

    @Override
    public void close() {
        reply.close();
    }
}
