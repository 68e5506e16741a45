package io.socketreaper.release;

import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.SendQueues;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.thread.ReaperThread;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Facts about one socket that need a pass over all descriptors or all sockets. The longer a pass takes, the longer its result is reused, so
 * that a process with very many sockets does not count them all the time.
 */
@ReaperThread
final class KernelFacts {
    /** A census for a report may be this old. */
    private static final long CENSUS_AGE = TimeUnit.SECONDS.toNanos(1);
    /** A census for a claim may be this old; it must also be younger than the suspect's last activity. */
    private static final long CENSUS_AGE_FOR_CLAIM = TimeUnit.MILLISECONDS.toNanos(50);
    /** A census may also be this many times as old as the count took. */
    private static final int CENSUS_REST = 20;
    /** One pass over the table of all sockets is reused for this many nanoseconds: it takes a microsecond for each socket. */
    private static final long SEND_QUEUES_AGE = TimeUnit.MILLISECONDS.toNanos(50);
    /** One pass is also reused for this many times as long as it took. */
    private static final int SEND_QUEUES_REST = 20;
    /** A look at what is known takes less. */
    private static final long SHORTEST_PASS = TimeUnit.MICROSECONDS.toNanos(100);

    private final Clock clock;
    private final Descriptors descriptors;
    private @Nullable DescriptorCensus census;
    private long censusTook;
    private long passesTook;
    private long sendQueuesTook;

    KernelFacts(Clock clock, Descriptors descriptors) {
        this.clock = clock;
        this.descriptors = descriptors;
    }

    /** The last count of the process's descriptors; null before the first. */
    @Nullable
    DescriptorCensus census() {
        return census;
    }

    /** Hands over a census that was made for another purpose. */
    void counted(DescriptorCensus made) {
        census = made;
    }

    /** How long all passes have taken since the start, nanoseconds. */
    long nanosOfPasses() {
        return passesTook;
    }

    /** Counts the process's descriptors, if the last count is too old. */
    DescriptorCensus census(LeakCandidate candidate, boolean forClaim, long now) {
        DescriptorCensus last = census;
        long age = Math.max(forClaim ? CENSUS_AGE_FOR_CLAIM : CENSUS_AGE, CENSUS_REST * censusTook);
        boolean fresh = last != null && now - last.nanoTime() < age;
        if (last == null || !fresh || forClaim && last.nanoTime() - candidate.lastActivity() <= 0) {
            long start = clock.nanoTime();
            last = descriptors.census();
            census = last;
            censusTook = clock.nanoTime() - start;
            passesTook += censusTook;
        }
        return last;
    }

    /**
     * How many bytes of the application are on their way to the peer, which only the table of all sockets tells;
     * {@link SendQueues#UNKNOWN} if it does not list this one.
     */
    int unacknowledged(LeakCandidate candidate, SocketSnapshot snapshot, long now) {
        boolean mayHave = snapshot.hold() == Holder.OPEN || snapshot.hold() == Holder.UNREACHABLE;
        if (!mayHave || snapshot.tcpState() != TcpState.ESTABLISHED && snapshot.tcpState() != TcpState.CLOSE_WAIT) {
            return 0;
        }
        long newest =
                Math.max(now - Math.max(SEND_QUEUES_AGE, SEND_QUEUES_REST * sendQueuesTook), candidate.lastActivity());
        long start = clock.nanoTime();
        int unacknowledged = descriptors.sendQueue(candidate.socket().inode(), newest);
        long took = clock.nanoTime() - start;
        if (took >= SHORTEST_PASS) {
            sendQueuesTook = took;
            passesTook += took;
        }
        // A unix-domain socket is not listed there; its output has arrived at once.
        return unacknowledged == SendQueues.UNKNOWN
                        && !(candidate.socket().endpoints().local() instanceof InetSocketAddress)
                ? 0
                : unacknowledged;
    }

    /**
     * Whether the peer has acknowledged all output; false also if that is not known. Looked up while the peer answers, because the kernel does
     * not tell it any more once the peer is gone.
     */
    boolean isAllAcknowledged(LeakCandidate candidate, Evidence evidence, long now) {
        return evidence.use().peer() == PeerAnswer.ANSWERS
                && !candidate.socket().peerIsThere()
                && unacknowledged(candidate, evidence.snapshot(), now) == 0;
    }
}
