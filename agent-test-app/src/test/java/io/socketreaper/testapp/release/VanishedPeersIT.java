package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.EventPattern.counts;
import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.LoggedLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With {@code keepalive}, connections whose peers have vanished without a FIN are found and released, and no other one is touched. */
class VanishedPeersIT {
    private static final int PARKED = 8;
    private static final int READ = 2;
    private static final long BETWEEN_QUESTIONS = 100_000_000L;
    /** Of each sort every second peer vanishes. */
    private static final int VANISHING = 4;

    /**
     * The peers. A socket that is closed in repair mode (tcp(7) calls it TCP_REPAIR, 19) leaves without a segment, and its kernel no longer
     * knows the connection.
     */
    private static final String PEERS = """
            import socket, sys
            peers = [socket.create_connection(('127.0.0.1', int(sys.argv[1]))) for i in range(int(sys.argv[2]))]
            print('connected', flush=True)
            sys.stdin.readline()
            for peer in peers[::2]:
                peer.setsockopt(socket.IPPROTO_TCP, 19, 1)
                peer.close()
            print('vanished', flush=True)
            sys.stdin.readline()
            print('got', sum(len(peer.recv(10)) for peer in peers[1:8:2]), flush=True)
            sys.stdin.readline()
            """;

    @BeforeAll
    static void asRoot() throws Exception {
        assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                "only root can close a socket without a segment");
    }

    private static ChildJvm server(String settings) {
        return Jvm.program(VanishedPeers.class, Integer.toString(PARKED), Integer.toString(READ))
                .agent("track=all,timeout=1s,log-interval=1s,action=drain" + settings)
                .start();
    }

    /** Half of the peers vanish. */
    private static ChildJvm peersOf(ChildJvm server) {
        server.awaitWatching().awaitOut("listening");
        String listening = server.out().stream()
                .filter(line -> line.startsWith("listening"))
                .findFirst()
                .orElseThrow();
        var peers = new ChildJvm(new ProcessBuilder(
                "python3", "-c", PEERS, listening.substring("listening ".length()), Integer.toString(PARKED + READ)));
        server.awaitOut("accepted");
        peers.awaitOut("connected").tell("vanish");
        return peers.awaitOut("vanished");
    }

    @Test
    void thoseWhosePeersVanishedAreFoundAndReleasedAndTheOthersGoOn() {
        try (var server = server(",keepalive=10s");
                var peers = peersOf(server)) {
            server.awaitOut("reader Connection reset");
            server.awaitEvent(leak("peer-closed", "strong")
                    .with("peer_answer", "gone")
                    .with("tcp_state", "CLOSE")
                    .withOneOf("outcome", "drained", "closed"));
            String open = "? " + (PARKED - VANISHING) + " open";
            long end = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
            while (!server.ask("?").equals(open) && System.nanoTime() - end < 0) {
                LockSupport.parkNanos(BETWEEN_QUESTIONS);
            }
            assertEquals(open, server.ask("?"));
            assertEquals("! " + (PARKED - VANISHING) + " written", server.ask("!"));
            server.awaitEvent(counts(VANISHING, VANISHING));
            peers.tell("read");
            peers.awaitOut("got " + (PARKED - VANISHING));
            server.terminate();
            assertEquals(Set.of(), LoggedLeaks.of(server.awaitEnd()).kindsBut(Set.of("peer-closed")));
            server.expect(
                    "one reader",
                    1L,
                    server.out().stream()
                            .filter(line -> line.startsWith("reader"))
                            .count());
        }
    }
}
