package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.AgentSays.watchingAny;
import static io.socketreaper.testapp.harness.EventPattern.any;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.LoggedEvent;
import org.junit.jupiter.api.Test;

/**
 * An application that reads on after its peer has closed, with pauses longer than the timeout, is told the end of input. The peer of a
 * unix-domain socket is known to be gone at once, so only the reads show that the socket is in use.
 */
class SlowUnixReaderIT {
    @Test
    void readsTheEndAfterAPauseLongerThanTheTimeout() {
        try (var child = Jvm.program(SlowUnixReader.class)
                .agent("track=all,action=drain,timeout=1s,log-interval=1s")
                .start()) {
            child.awaitEvent(watchingAny("SocketChannel"));
            child.awaitOut("accepted").tell("");
            child.awaitOut("peer closed");
            child.awaitEvent(leak("peer-closed", "doubtful").listing("doubts", "unread"));
            for (int chunk = 1; chunk <= 3; chunk++) {
                child.tell("");
                child.awaitOut(chunk, "read 10");
            }
            child.awaitEvent(any().and("another leak", SlowUnixReaderIT::isAboutAnotherLeak));
            child.tell("");
            child.awaitOut("read -1");
            child.awaitEvent(leak("peer-closed", "strong").with("outcome", "drained"));
        }
    }

    /** If the agent has seen no stack of the reads, it is at the site of the first one, and only counted. */
    private static boolean isAboutAnotherLeak(LoggedEvent event) {
        return event.name().equals("counts")
                ? event.number("found") == 2 && event.number("released") == 0
                : event.name().equals("leak") && event.list("doubts").contains("read-on");
    }
}
