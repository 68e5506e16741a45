package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Step.Loss;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The decisions about one connection.
 *
 * @param connects    the application opens the connection, else the peer
 * @param story       a word for the totals
 * @param app         what the application's side does
 * @param peer        what the peer does
 * @param backend     what the peer's second connection does if the application relays between the two; else empty
 * @param due         under which settings a leak of it must be released
 * @param rude        one side resets or leaves early: an error on either side is then no wonder
 * @param window      the peer's receive buffer in bytes, 0 as the system has it
 * @param deaf        the application's event loop ignores a key that it did not ask for
 */
record Plan(
        long seed,
        int number,
        Stack stack,
        boolean connects,
        String story,
        List<Step> app,
        List<Step> peer,
        List<Step> backend,
        ExpectedRelease due,
        boolean rude,
        int window,
        boolean deaf) {
    private static final long NEVER = Long.MAX_VALUE;

    /** The plan of the connection of this number. */
    static Plan of(long seed, int number, Conditions conditions) {
        return new Stories(seed, number, conditions).tell();
    }

    static SplittableRandom random(long seed, int number) {
        // Two runs whose seeds follow each other have nothing in common.
        return new SplittableRandom(new SplittableRandom(seed).nextLong() ^ new SplittableRandom(number).nextLong());
    }

    Pattern fromApp() {
        return new Pattern(random(seed, number).nextLong());
    }

    Pattern fromPeer() {
        return new Pattern(random(seed, number).nextLong() + 1);
    }

    /** How many bytes the application has sent when its output ends in order; never, if it only leaks or resets. */
    long promisedByApp() {
        return app.isEmpty() ? sent(backend) : sent(app);
    }

    /** A peer that listens closes in order once the leak is over; Netty's epoll transport reads that end without being asked. */
    long promisedByPeer() {
        long promised = sent(peer);
        boolean listens = !peer.isEmpty() && peer.get(peer.size() - 1) instanceof Step.Listen;
        return promised == NEVER && listens && stack == Stack.NETTY_EPOLL ? sentInAll(peer) : promised;
    }

    private static long sentInAll(List<Step> steps) {
        return steps.stream()
                .mapToLong(step -> step instanceof Step.Send send ? send.bytes() : 0)
                .sum();
    }

    private long sent(List<Step> steps) {
        long sent = 0;
        for (var step : steps) {
            if (step instanceof Step.Send send) {
                sent += send.bytes();
            } else if (step instanceof Step.SendFile send) {
                sent += send.bytes();
            } else if (step instanceof Step.HalfClose || step instanceof Step.Close) {
                return sent;
            } else if (step instanceof Step.Leak leak
                    && (leak.loss() == Loss.CLOSED_ON_DEAD_SELECTOR
                            || leak.loss() == Loss.DROPPED && stack.isReclaimedByTheJdk())) {
                return sent;
            }
        }
        return NEVER;
    }

    boolean relays() {
        return !backend.isEmpty();
    }

    /** How the application leaks it, null if it does not. */
    Loss loss() {
        return app.isEmpty() || !(app.get(app.size() - 1) instanceof Step.Leak leak) ? null : leak.loss();
    }
}
