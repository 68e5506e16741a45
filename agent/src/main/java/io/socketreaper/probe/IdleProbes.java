package io.socketreaper.probe;

import io.socketreaper.model.Clock;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.stack.SocketHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks the peers of connections that are idle and no suspects, each once, a bounded number at once; see {@link KeepaliveProbe}. It has no
 * thread: the reaper thread calls {@link #tick} when {@link #nanosToNext} says so. Reaper thread only.
 *
 * <p>An asking sends one segment if the peer answers it within a second, three within as many seconds if it does not, and one to a peer
 * that was silent the last time. So with {@value #AT_ONCE} connections asked at once no more than that number of segments is sent in a
 * second. A connection on which the peer was heard meanwhile costs no segment.
 */
public final class IdleProbes {
    /** How many connections are asked at once. */
    public static final int AT_ONCE = 256;

    /** Is told the answer to one asking. */
    @FunctionalInterface
    public interface Asker {
        /**
         * On the reaper thread.
         *
         * @param unanswered probes in a row that the peer has not answered
         */
        void answered(PeerAnswer answer, int unanswered);
    }

    private record Asking(PeerProbe probe, Asker asker) {}

    private final Clock clock;
    private final int atOnce;
    private final List<Asking> asked = new ArrayList<>();
    /** Withdrawn ones that could not be ended yet: their sockets still have options of ours. */
    private final List<PeerProbe> withdrawn = new ArrayList<>();

    public IdleProbes(Clock clock) {
        this(clock, AT_ONCE);
    }

    IdleProbes(Clock clock, int atOnce) {
        this.clock = clock;
        this.atOnce = atOnce;
    }

    /** Whether one more can be asked now. */
    public boolean hasRoom() {
        return asked.size() < atOnce;
    }

    /**
     * Asks the peer of a connection if it was not heard for so long, and if the application does not use keepalive itself. To be called
     * if there is room.
     *
     * @param idleSeconds 2 to 32767
     * @param asker       is told the answer, unless the asking is withdrawn
     */
    public void ask(SocketHandle socket, int idleSeconds, Asker asker) {
        var asking = new Asking(new PeerProbe(clock, socket, 0, clock.nanoTime()).aboutIdle(idleSeconds), asker);
        asking.probe.step();
        if (asking.probe.isAsking()) {
            asked.add(asking);
        } else {
            tell(asking);
        }
    }

    /**
     * Withdraws the asking of a socket that has become a suspect: the application's options are put back now, or as soon as that is
     * possible, by {@link #tick} or the thread that may do so.
     *
     * @return the probe, for {@link PeerProbes#ask}; null if the socket is not being asked
     */
    public @Nullable PeerProbe withdraw(SocketHandle socket) {
        for (int i = 0; i < asked.size(); i++) {
            PeerProbe probe = asked.get(i).probe;
            if (probe.socket() == socket) {
                probe.end();
                asked.remove(i);
                if (isToBeEnded(probe)) {
                    withdrawn.add(probe);
                }
                return probe;
            }
        }
        return null;
    }

    /** Ends all askings and puts all options back. To be repeated while some could not be ended. */
    public void endAll() {
        for (Asking asking : asked) {
            asking.probe.end();
        }
        asked.removeIf(asking -> !isToBeEnded(asking.probe));
        endWithdrawn();
    }

    /** Whether options of ours are left that only another attempt will put back. */
    private static boolean isToBeEnded(PeerProbe probe) {
        return probe.isAsking() && !probe.isStuck();
    }

    private void endWithdrawn() {
        long now = clock.nanoTime();
        withdrawn.removeIf(probe -> {
            // One that is wanted again was taken over by PeerProbes.
            if (probe.isUnwanted() && probe.dueAt() - now <= 0) {
                probe.step();
            }
            return !probe.isUnwanted() || !isToBeEnded(probe);
        });
    }

    /** How many connections are asked at this moment. */
    int asking() {
        return asked.size();
    }

    /** Does what is due. Bounded: it looks at the connections that are being asked. */
    public void tick() {
        long now = clock.nanoTime();
        int kept = 0;
        for (int i = 0; i < asked.size(); i++) {
            Asking asking = asked.get(i);
            if (asking.probe.dueAt() - now > 0 || goesOn(asking)) {
                asked.set(kept++, asking);
            }
        }
        asked.subList(kept, asked.size()).clear();
        endWithdrawn();
    }

    private static boolean goesOn(Asking asking) {
        PeerProbe probe = asking.probe;
        probe.step();
        if (probe.isStuck()) {
            // Its owner's thread puts the options back when it comes to it.
            probe.end();
        } else if (probe.isAsking()) {
            return true;
        }
        tell(asking);
        return false;
    }

    private static void tell(Asking asking) {
        PeerProbe probe = asking.probe;
        if (!probe.isUnwanted()) {
            // Without a question a reset is no answer.
            boolean isNoAnswer = probe.answer() == PeerAnswer.GONE && !probe.hasAsked();
            asking.asker.answered(isNoAnswer ? PeerAnswer.UNKNOWN : probe.answer(), probe.unanswered());
        }
    }

    /** Nanoseconds until {@link #tick} has something to do, 0 if it is due; {@link Long#MAX_VALUE} if it never has. */
    public long nanosToNext() {
        long now = clock.nanoTime();
        long soonest = Long.MAX_VALUE;
        for (Asking asking : asked) {
            soonest = Math.min(soonest, Math.max(0, asking.probe.dueAt() - now));
        }
        for (PeerProbe probe : withdrawn) {
            soonest = Math.min(soonest, Math.max(0, probe.dueAt() - now));
        }
        return soonest;
    }
}
