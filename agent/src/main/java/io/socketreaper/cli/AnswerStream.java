package io.socketreaper.cli;

import com.google.gson.Gson;
import io.socketreaper.control.AgentView;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Looks at an agent again and again, by one attach. The agent ends it when the file is deleted, see {@link #close}. */
final class AnswerStream implements RenewedStream.Source {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(15);
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final long pid;
    private final ReplyFile reply;
    private final long patience;
    private final Gson gson = new Gson();
    private long lastMillis;

    AnswerStream(long pid, ReplyFile reply, Duration every) {
        this.pid = pid;
        this.reply = reply;
        this.patience = PATIENCE + every.toNanos();
    }

    /** Waits for the next look. */
    @Override
    public AgentView next() throws InterruptedException {
        long deadline = System.nanoTime() + patience;
        while (System.nanoTime() - deadline < 0) {
            String line = read();
            var parsed = AgentClient.parsed(line);
            // Without a line break it is the answer to the request, of which only a refusal is of interest.
            if (parsed != null && (line.endsWith("\n") || parsed.has("error"))) {
                AgentView view = gson.fromJson(AgentClient.result(pid, line), AgentView.class);
                if (view.status().nowMillis() != lastMillis) {
                    lastMillis = view.status().nowMillis();
                    return view;
                }
            }
            if (!reply.isThere()) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        }
        throw new CliException(
                ExitCode.NO_PROCESS,
                "process " + pid
                        + " says nothing any more: it has ended or is stopped, or the agent was"
                        + " detached");
    }

    private String read() {
        try {
            return reply.read();
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.FAILED, "what the agent in process " + pid + " writes cannot be read: " + e, e);
        }
    }

    @Override
    public void close() {
        reply.close();
    }
}
