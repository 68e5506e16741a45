package io.socketreaper.procfs;

import io.socketreaper.model.Clock;
import io.socketreaper.model.TcpState;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several looks at one process. A socket counts as held in no table, or as waiting to be closed, only if two looks in a row
 * saw it so: between two calls of a healthy program every socket is for a moment. What a table said last of a socket before
 * it vanished from the tables is remembered, so that its port and peer are known and not guessed.
 */
public final class RepeatedScan {
    /** What a program that is not leaking needs to go on and close, by far. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    /** Looking at a process with very many sockets must not keep a core busy: a tenth of it, unless looks get too few. */
    private static final int SHARE = 9;

    private static final int FEWEST_LOOKS = 10;
    /** What is held takes two looks to know, and its growth two such pairs. */
    private static final int LOOKS_FOR_GROWTH = 3;

    private final ProcProcess process;
    private final Clock clock;
    private final Pause pause;
    private final Map<Long, SocketLine> lastLines = new HashMap<>();
    private @Nullable ProcessSnapshot first;
    private @Nullable ProcessSnapshot last;
    private int looks;
    /** Kept, because a process that has ended has none. */
    private String name = "";

    private List<String> arguments = List.of();
    private @Nullable String user;
    private boolean ended;
    private @Nullable Held held;
    private @Nullable Held heldAtFirst;

    /** Waits between two looks. */
    @FunctionalInterface
    public interface Pause {
        void pause(Duration time) throws InterruptedException;
    }

    /**
     * What two looks in a row saw, as of the first of them.
     *
     * @param finished  sockets in no table
     * @param closeWait connections that the peer has ended
     */
    private record Held(long nanoTime, Set<Long> finished, Set<Long> closeWait) {}

    public RepeatedScan(ProcProcess process, Clock clock, Pause pause) {
        this.process = process;
        this.clock = clock;
        this.pause = pause;
    }

    /**
     * Looks again and again for that time, but at least as often as the answer needs; an end of the process ends it, too. An interrupt
     * makes the next look the last.
     */
    public RepeatedScan run(Duration time) throws IOException {
        process.requireAlive();
        long start = clock.nanoTime();
        look();
        do {
            long spent = clock.nanoTime() - last().nanoTime();
            long left = time.toNanos() - (clock.nanoTime() - start);
            long wait = Math.max(BETWEEN_LOOKS.toNanos(), Math.min(spent * SHARE, time.toNanos() / FEWEST_LOOKS));
            // The last look comes at the end of the time, not before it.
            try {
                pause.pause(Duration.ofNanos(
                        left < wait + BETWEEN_LOOKS.toNanos() && left > 0
                                ? Math.max(left, BETWEEN_LOOKS.toNanos())
                                : wait));
                look();
            } catch (InterruptedException | ClosedByInterruptException hurried) {
                lastLook();
                return this;
            } catch (ProcessGoneException e) {
                ended = true;
            }
        } while (!ended && (clock.nanoTime() - start < time.toNanos() || !time.isZero() && looks < LOOKS_FOR_GROWTH));
        return this;
    }

    private void lastLook() throws IOException {
        Thread.interrupted();
        try {
            if (looks == 1) {
                pause.pause(BETWEEN_LOOKS);
            }
            look();
        } catch (ProcessGoneException e) {
            ended = true;
        } catch (InterruptedException | ClosedByInterruptException again) {
            // then without it
        }
    }

    private void look() throws IOException {
        add(ProcessSnapshot.at(process, clock.nanoTime()));
    }

    void add(ProcessSnapshot look) {
        looks++;
        if (last != null) {
            held = new Held(
                    last.nanoTime(),
                    both(last.inNoTable(), look.inNoTable()),
                    both(last.in(TcpState.CLOSE_WAIT), look.in(TcpState.CLOSE_WAIT)));
            heldAtFirst = heldAtFirst == null ? held : heldAtFirst;
        } else {
            first = look;
            name = process.name();
            arguments = process.arguments();
            user = process.user();
        }
        last = look;
        lastLines.keySet().retainAll(look.inodes());
        look.tables().lines().forEach((inode, line) -> {
            if (line.tcp()) {
                lastLines.put(inode, line);
            }
        });
    }

    private static Set<Long> both(Set<Long> earlier, Set<Long> later) {
        var both = new HashSet<>(earlier);
        both.retainAll(later);
        return both;
    }

    // -- What was seen

    long pid() {
        return process.pid();
    }

    String name() {
        return name;
    }

    List<String> arguments() {
        return arguments;
    }

    @Nullable
    String user() {
        return user;
    }

    /** It ended before the time was over. */
    public boolean ended() {
        return ended;
    }

    int looks() {
        return looks;
    }

    ProcessSnapshot first() {
        return Objects.requireNonNull(first);
    }

    ProcessSnapshot last() {
        return Objects.requireNonNull(last);
    }

    double seconds() {
        return seconds(first().nanoTime(), last().nanoTime());
    }

    /** Long enough to speak of growth. */
    boolean showsGrowth() {
        return looks > 2;
    }

    Set<Long> finished() {
        return held == null ? Set.of() : held.finished();
    }

    Set<Long> closeWait() {
        return held == null ? Set.of() : held.closeWait();
    }

    /** How many more sockets are held in no table than at first. */
    int finishedGrowth() {
        return held == null
                ? 0
                : held.finished().size()
                        - Objects.requireNonNull(heldAtFirst).finished().size();
    }

    int closeWaitGrowth() {
        return held == null
                ? 0
                : held.closeWait().size()
                        - Objects.requireNonNull(heldAtFirst).closeWait().size();
    }

    /** A growth between the first and the last pair of looks, per second. */
    double perSecond(int growth) {
        double seconds =
                held == null ? 0 : seconds(Objects.requireNonNull(heldAtFirst).nanoTime(), held.nanoTime());
        return seconds == 0 ? 0 : growth / seconds;
    }

    private static double seconds(long from, long to) {
        return (to - from) / (double) Duration.ofSeconds(1).toNanos();
    }

    /** What a table said of a socket when it was seen there last; null if it never was. */
    @Nullable
    SocketLine lastLine(long inode) {
        return lastLines.get(inode);
    }
}
