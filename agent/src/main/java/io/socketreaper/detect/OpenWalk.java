package io.socketreaper.detect;

import io.socketreaper.model.Clock;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.OpenState;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A walk through all open sockets that counts them by site, for one question. In parts, because there may be very many. A socket that is
 * opened during the walk, or since the last sweep, may be missing.
 */
@ReaperThread
public final class OpenWalk {
    private static final int PER_LOOK_AT_THE_CLOCK = 64;
    /** How many peers of a site the answer names, the most frequent ones. */
    private static final int MOST_PEERS = 3;
    /** Peers of a site that are counted at all: bounds the memory. */
    private static final int MOST_COUNTED_PEERS = 1000;

    private final Clock clock;
    private final SocketChains<OpenSocket> chains;
    private final OpenSites sites;
    private final Map<OpenSite, Tally> tallies = new LinkedHashMap<>();
    private long olderThanNanos;
    private @Nullable OpenState onlyState;
    private @Nullable String listed;
    private int chain;

    OpenWalk(Clock clock, SocketChains<OpenSocket> chains, OpenSites sites) {
        this.clock = clock;
        this.chains = chains;
        this.sites = sites;
    }

    /** Counts only sockets that have been known for so many milliseconds. */
    public OpenWalk olderThan(long millis) {
        olderThanNanos = TimeUnit.MILLISECONDS.toNanos(millis);
        return this;
    }

    /** Counts only sockets in that state; null for all. */
    public OpenWalk inState(@Nullable OpenState state) {
        onlyState = state;
        return this;
    }

    /** Lists the sockets of the site with this id one by one, see {@link Tally#sockets}. */
    public OpenWalk listing(String site) {
        listed = site;
        return this;
    }

    /**
     * One open socket.
     *
     * @param suspect number of the suspect that it is, see {@link SuspectSnapshot#number}; -1 if it is none
     */
    public record Listed(SocketHandle socket, OpenState state, long suspect) {
        private static Listed of(OpenSocket open, OpenState state) {
            Suspect suspect = open.suspect;
            return new Listed(open.socket(), state, suspect == null ? -1 : suspect.number());
        }
    }

    /** The sockets of one site. */
    public static final class Tally {
        private final Map<OpenState, Integer> states = new LinkedHashMap<>();
        private final Map<String, Integer> peers = new LinkedHashMap<>();
        private final List<Listed> sockets = new ArrayList<>(0);
        private long[] ages = new long[16];
        private int open;

        private void add(OpenSocket socket, OpenState state, long now) {
            if (open == ages.length) {
                ages = Arrays.copyOf(ages, 2 * open);
            }
            ages[open++] = now - socket.knownSince(now);
            states.merge(state, 1, Integer::sum);
        }

        private void addPeer(String peer) {
            if (peers.containsKey(peer) || peers.size() < MOST_COUNTED_PEERS) {
                peers.merge(peer, 1, Integer::sum);
            }
        }

        private void sort() {
            Arrays.sort(ages, 0, open);
        }

        /** How many sockets were counted. */
        public int open() {
            return open;
        }

        /** Sockets by state, the most frequent first. */
        public Map<OpenState, Integer> states() {
            return mostFrequent(states, Integer.MAX_VALUE);
        }

        /** The hosts and ports that most of the connected sockets go to, a few of them; none for accepted sockets. */
        public Map<String, Integer> peers() {
            return mostFrequent(peers, MOST_PEERS);
        }

        /** Each of them; none unless the walk is {@link OpenWalk#listing} this site. */
        public List<Listed> sockets() {
            return sockets;
        }

        /** Milliseconds for which the youngest has been known. */
        public long youngestMillis() {
            return millis(0);
        }

        /** The same of the one in the middle. */
        public long medianMillis() {
            return millis(open / 2);
        }

        /** The same of the oldest. */
        public long oldestMillis() {
            return millis(open - 1);
        }

        private long millis(int index) {
            return open == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(ages[index]);
        }

        private static <K> Map<K, Integer> mostFrequent(Map<K, Integer> all, int most) {
            List<Map.Entry<K, Integer>> entries = new ArrayList<>(all.entrySet());
            entries.sort(Map.Entry.<K, Integer>comparingByValue().reversed());
            var first = new LinkedHashMap<K, Integer>();
            for (Map.Entry<K, Integer> entry : entries.subList(0, Math.min(most, entries.size()))) {
                first.put(entry.getKey(), entry.getValue());
            }
            return first;
        }
    }

    /**
     * Counts the next sockets, for so many nanoseconds or a little longer.
     *
     * @return the sockets by site; null while there are more
     */
    public @Nullable Map<OpenSite, Tally> goOn(long nanos) {
        long start = clock.nanoTime();
        long now = start;
        int met = 0;
        for (; chain < chains.size(); chain++) {
            for (OpenSocket socket = chains.head(chain); socket != null; socket = socket.next) {
                count(socket, now);
                met++;
            }
            if (met >= PER_LOOK_AT_THE_CLOCK) {
                met = 0;
                now = clock.nanoTime();
                if (now - start > nanos) {
                    chain++;
                    break;
                }
            }
        }
        if (chain < chains.size()) {
            return null;
        }
        tallies.values().forEach(Tally::sort);
        return tallies;
    }

    private void count(OpenSocket socket, long now) {
        // Its site is known once a sweep has met it.
        if (socket.origin.isWithoutSite() || socket.isReleased() || now - socket.knownSince(now) < olderThanNanos) {
            return;
        }
        OpenState state = socket.socket().openState();
        if (onlyState != null && state != onlyState) {
            return;
        }
        OpenSite site = sites.of(socket.origin);
        Tally tally = tallies.computeIfAbsent(site, first -> new Tally());
        tally.add(socket, state, now);
        if (site.id().equals(listed)) {
            tally.sockets.add(Listed.of(socket, state));
        }
        if (site.port() < 0 && state != TcpState.LISTEN) {
            Endpoints ends = socket.socket().findEndpoints();
            if (ends.remote() != null && ends.remotePort() != 0) {
                tally.addPeer(Endpoints.text(ends.remote()));
            }
        }
    }
}
