package io.socketreaper.detect;

import io.socketreaper.leak.StackOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The open sockets of one line of code through hours and days of a clock that a test moves, one sweep a second. */
final class DayOfSockets {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** What happens in one second of a story. */
    interface Story {
        void second(DayOfSockets day, int second);
    }

    /** Rises and falls, in milliseconds since the beginning. */
    record Finding(Duration at, boolean growing, double perMinute) {}

    final Random random;
    private final OpenSite site =
            new OpenSite("12345678", "A.b(C.java:1)", new StackTraceElement[0], StackOrigin.OPENED, -1);
    private final List<Connection> open = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final long window;
    private long now = 1;
    private int most;

    /** One connection of the story: closes at {@code end}, is read every {@code every} seconds. */
    private static final class Connection {
        private final OpenSocket socket = new OpenSocket(null, null);
        private final long end;
        private final int every;
        private final int phase;

        Connection(long now, long end, int every, int phase) {
            socket.metAt(now);
            this.end = end;
            this.every = every;
            this.phase = phase;
        }
    }

    DayOfSockets(Duration window, long seed) {
        this.window = window.toNanos();
        this.random = new Random(seed);
    }

    /** Opens a connection that is read at once. */
    void open(double seconds, int everySeconds) {
        open.add(new Connection(now, now + (long) (seconds * SECOND), everySeconds, random.nextInt(1 << 20)));
    }

    /** Opens a connection that is never closed, and never read again. */
    void leak() {
        open(Long.MAX_VALUE / 4 / SECOND, 0);
    }

    /** As many as come in a second on average, at random. */
    int some(double perSecond) {
        double limit = Math.exp(-perSecond);
        int count = 0;
        for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
            count++;
        }
        return count;
    }

    int count() {
        return open.size();
    }

    int most() {
        return most;
    }

    /** Lets so many hours pass, with one sweep a second. */
    List<Finding> pass(Duration time, Story story) {
        for (int second = 0; second < time.toSeconds(); second++) {
            now += SECOND;
            open.removeIf(connection -> {
                boolean ends = connection.end - now <= 0;
                if (ends) {
                    site.leave(connection.socket, now);
                }
                return ends;
            });
            story.second(this, second);
            most = Math.max(most, open.size());
            boolean before = site.isGrowing();
            for (Connection connection : open) {
                site.meet(connection.socket, 0, now);
                if (connection.every > 0 && (second + connection.phase) % connection.every == 0) {
                    connection.socket.touched = true;
                }
            }
            site.endSweep(now, window, false);
            if (site.isGrowing() != before) {
                findings.add(new Finding(Duration.ofSeconds(second), site.isGrowing(), site.perMinute()));
            }
        }
        return findings();
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }
}
