package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.AgentSays.watchingAny;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import com.google.gson.JsonObject;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import org.junit.jupiter.api.Test;

/**
 * An application that reads on after its peer has closed, with pauses longer than the timeout, is told the end of input. The peer of a
 * unix-domain socket is known to be gone at once, so only the reads show that the socket is in use.
 */
class SlowUnixReaderIT {
    private static final long TIMEOUT_MILLIS = 1000;

    @Test
    void readsTheEndAfterAPauseLongerThanTheTimeout() {
        try (var child = Jvm.program(SlowUnixReader.class)
                .agent("track=all,action=drain,timeout=" + TIMEOUT_MILLIS + "ms,log-interval=1s")
                .start()) {
            child.awaitEvent(watchingAny("SocketChannel"));
            child.awaitOut("accepted").tell("");
            child.awaitOut("peer closed");
            child.awaitEvent(leak("peer-closed", "doubtful").listing("doubts", "unread"));
            for (int chunk = 1; chunk <= 3; chunk++) {
                child.tell("");
                child.awaitOut(chunk, "read 10");
            }
            // Not by the log: where the agent has seen no stack of the reads, this leak is at the site of the first,
            // and only counted.
            Tool.await(
                    child,
                    "a doubtful leak with nothing unread",
                    sockets -> isDoubtfulWithNothingUnread(
                            sockets.getAsJsonArray().get(0).getAsJsonObject()),
                    "sockets",
                    Long.toString(child.pid()));
            child.tell("");
            child.awaitOut("read -1");
            child.awaitEvent(leak("peer-closed", "strong").with("outcome", "drained"));
        }
    }

    /** Then the only doubt is that the application has read on. */
    private static boolean isDoubtfulWithNothingUnread(JsonObject socket) {
        return socket.get("phase").getAsString().equals("leak")
                && socket.get("grade").getAsString().equals("doubtful")
                && socket.get("unreadBytes").getAsInt() == 0
                && socket.get("idleMillis").getAsLong() >= TIMEOUT_MILLIS;
    }
}
