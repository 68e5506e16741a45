package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.imaginary.World;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the answer to {@code set} says of leaks that were only reported. */
class DueLeaksTest {
    private static final String ASKED =
            " gone, unless used or excluded: the peers are asked first (a closed peer is known to its kernel for some 60 s)";

    private final World world = new World("track=all,action=log,timeout=10s,probe=auto");

    private String said(String settings) {
        world.pass(Duration.ofSeconds(13));
        return DueLeaks.of(world.detector.list(), World.settings("track=all,timeout=10s," + settings))
                .text();
    }

    private void peerCloses(int sockets, String unread) {
        for (int i = 0; i < sockets; i++) {
            var socket = world.openedSocket();
            socket.peerSends(unread);
            socket.peerCloses();
        }
    }

    private void bothSidesEnd(int sockets) {
        for (int i = 0; i < sockets; i++) {
            world.halfClosedSocket().peerCloses();
        }
    }

    @Test
    void leaksWhosePeersAreAskedFirstAreNotSaidToBeReleasedNow() {
        peerCloses(3, "");
        assertEquals(
                "; 3 leaks that were reported are to be released once their peers are" + ASKED,
                said("action=drain,probe=auto"));
    }

    @Test
    void bothCountsAreSaid() {
        peerCloses(2, "");
        bothSidesEnd(1);
        assertEquals(
                "; 1 leak that was reported is to be released now, unless used or excluded; 2 leaks that were reported are to be"
                        + " released once their peers are" + ASKED,
                said("action=drain,probe=auto"));
    }

    @Test
    void oneIsOne() {
        peerCloses(1, "");
        assertEquals(
                "; 1 leak that was reported is to be released once its peer is" + ASKED.replace("peers are", "peer is"),
                said("action=drain,probe=auto"));
    }

    @Test
    void withoutProbesTheyAreReleasedNow() {
        peerCloses(3, "");
        assertEquals(
                "; 3 leaks that were reported are to be released now, unless used or excluded",
                said("action=drain,probe=off"));
    }

    @Test
    void leaksThatStayReportedAreNotCounted() {
        peerCloses(3, "unread");
        assertEquals("", said("action=drain,probe=auto"));
        peerCloses(3, "");
        assertEquals("", said("action=log,probe=on"));
    }
}
