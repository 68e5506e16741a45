package io.socketreaper.procfs;

import io.socketreaper.model.TcpState;
import io.socketreaper.procfs.ScanReport.Descriptors;
import io.socketreaper.text.HumanText;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a scan comes to.
 *
 * @param state    {@link State} in small letters, for programs
 * @param sentence for people
 */
public record ScanVerdict(String state, String sentence) {
    /** The worst that holds. */
    public enum State {
        /** Sockets that are over pile up, or more of them are there than any program needs. */
        LEAKING,
        /** No socket to blame, and few descriptors left. */
        NEAR_LIMIT,
        /** No socket to blame, and the limit will be reached within the hour at this rate. */
        GROWING,
        /** Something that a leak begins with, and many programs have. */
        SUSPICIOUS,
        CLEAN,
        /** The kernel did not show enough. */
        UNKNOWN;

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** More than a connection pool or a runtime keeps by habit. */
    private static final int MANY_FINISHED = 10;

    private static final int SOME_FINISHED = 3;
    private static final int SOME_WAITING = 10;
    private static final int GROWN = 3;
    private static final int GROWN_DESCRIPTORS = 10;
    private static final int NEAR_PERCENT = 90;
    private static final int SOON_SECONDS = 3600;

    private static ScanVerdict of(State state, String sentence) {
        return new ScanVerdict(state.text(), sentence);
    }

    public boolean is(State which) {
        return state.equals(which.text());
    }

    static ScanVerdict of(
            RepeatedScan watching,
            Descriptors descriptors,
            @Nullable ConnectionOrigin finished,
            @Nullable ConnectionOrigin closeWait) {
        if (watching.looks() < 2) {
            return of(
                    State.UNKNOWN,
                    "The process ended before the second look, and one look is not enough for a verdict.");
        }
        ScanVerdict leaking = leaking(watching, descriptors, finished, closeWait);
        if (leaking != null) {
            return leaking;
        }
        if (descriptors.percent() != null && descriptors.percent() >= NEAR_PERCENT) {
            return of(State.NEAR_LIMIT, noSocketToBlame(descriptors, "most are of the kind '" + most(watching) + "'"));
        }
        if (!watching.last().tables().unreadable().isEmpty()) {
            return of(
                    State.UNKNOWN,
                    "The kernel does not show the tables "
                            + watching.last().tables().unreadable()
                            + " of this process's network, so the state of its sockets is unknown.");
        }
        if (isGrowing(descriptors)) {
            return of(State.GROWING, noSocketToBlame(descriptors, "the kind that grows is '" + grows(watching) + "'"));
        }
        ScanVerdict suspicious = suspicious(watching, descriptors, finished, closeWait);
        return suspicious != null
                ? suspicious
                : of(
                        State.CLEAN,
                        descriptors.share(descriptors.open())
                                + " are open, and no large number of sockets whose connection is over was seen"
                                + (watching.showsGrowth() ? "" : "; --watch 1m would show whether one grows") + ".");
    }

    private static boolean isGrowing(Descriptors descriptors) {
        return descriptors.secondsToLimit() != null
                && descriptors.secondsToLimit() < SOON_SECONDS
                && Objects.requireNonNull(descriptors.grown()) >= GROWN_DESCRIPTORS;
    }

    private static String noSocketToBlame(Descriptors descriptors, String kind) {
        return descriptors.share(descriptors.open())
                + " are open, but not because of sockets whose connection is over: " + kind
                + outlook(descriptors, "; ");
    }

    /** Null if no leak is proven. */
    private static @Nullable ScanVerdict leaking(
            RepeatedScan watching,
            Descriptors descriptors,
            @Nullable ConnectionOrigin finished,
            @Nullable ConnectionOrigin closeWait) {
        int over = watching.last().descriptorsOf(watching.finished());
        if (over >= MANY_FINISHED || watching.finishedGrowth() >= GROWN) {
            return of(State.LEAKING, finished(watching, descriptors, finished, over));
        }
        if (watching.closeWaitGrowth() >= GROWN && watching.showsGrowth()) {
            int waiting = watching.closeWait().size();
            return of(State.LEAKING, closeWait(watching, descriptors, closeWait, waiting));
        }
        return null;
    }

    /** Null if there is no sign of a beginning leak. */
    private static @Nullable ScanVerdict suspicious(
            RepeatedScan watching,
            Descriptors descriptors,
            @Nullable ConnectionOrigin finished,
            @Nullable ConnectionOrigin closeWait) {
        int over = watching.last().descriptorsOf(watching.finished());
        if (over >= SOME_FINISHED) {
            return of(State.SUSPICIOUS, finished(watching, descriptors, finished, over));
        }
        int waiting = watching.closeWait().size();
        if (waiting >= SOME_WAITING) {
            return of(State.SUSPICIOUS, closeWait(watching, descriptors, closeWait, waiting));
        }
        long unread = halfClosedUnread(watching);
        return unread < SOME_WAITING
                ? null
                : of(
                        State.SUSPICIOUS,
                        unread + " connections that this process has half-closed (FIN_WAIT) hold"
                                + " bytes that the process does not read; each stays open as long as its peer, or longer if the peer disappears.");
    }

    private static String finished(
            RepeatedScan watching, Descriptors descriptors, @Nullable ConnectionOrigin origin, int over) {
        return descriptors.share(over) + (over == 1 ? " is a socket" : " are sockets")
                + " whose connection is over but that"
                + " the process still holds (lsof: 'protocol: TCP')" + rate(watching, watching.finishedGrowth())
                + outlook(
                        descriptors,
                        "; ",
                        Objects.requireNonNull(origin)
                                .sentence(watching.finished().size(), watching.showsGrowth()));
    }

    private static String closeWait(
            RepeatedScan watching, Descriptors descriptors, @Nullable ConnectionOrigin origin, int waiting) {
        long read = watching.closeWait().stream()
                .map(watching::lastLine)
                .filter(line -> !line.endUnread())
                .count();
        return descriptors.share(waiting)
                + " are connections that their peers have ended and that this process does not"
                + " close (CLOSE_WAIT); it has read the end of "
                + (read == 0 ? "none" : read == waiting ? "all" : Long.toString(read)) + " of them"
                + rate(watching, watching.closeWaitGrowth())
                + outlook(descriptors, "; ", Objects.requireNonNull(origin).sentence(waiting, watching.showsGrowth()));
    }

    private static String rate(RepeatedScan watching, int growth) {
        return watching.showsGrowth()
                ? ", "
                        + (growth == 0
                                ? "no more than when the watch began"
                                : HumanText.rate(watching.perSecond(growth)))
                : "";
    }

    private static String outlook(Descriptors descriptors, String... more) {
        var out = new StringBuilder();
        if (descriptors.secondsToLimit() != null) {
            out.append("; at ")
                    .append(HumanText.rate(Objects.requireNonNull(descriptors.perSecond())))
                    .append(" the limit is reached in ")
                    .append(HumanText.longDuration(descriptors.secondsToLimit()));
        }
        for (int i = 1; i < more.length; i++) {
            out.append(more[0]).append(more[i]);
        }
        return out.append('.').toString();
    }

    private static long halfClosedUnread(RepeatedScan watching) {
        return watching.last().tables().lines().values().stream()
                .filter(line -> line.unread() > 0)
                .filter(line -> line.state() == TcpState.FIN_WAIT1 || line.state() == TcpState.FIN_WAIT2)
                .count();
    }

    private static String most(RepeatedScan watching) {
        return watching.last().kinds(kind -> true).entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .get()
                .getKey();
    }

    private static String grows(RepeatedScan watching) {
        var before = watching.first().kinds(kind -> true);
        return watching.last().kinds(kind -> true).entrySet().stream()
                .max(Comparator.comparing(kind -> kind.getValue() - before.getOrDefault(kind.getKey(), 0)))
                .get()
                .getKey();
    }
}
