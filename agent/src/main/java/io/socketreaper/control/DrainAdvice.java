package io.socketreaper.control;

import io.socketreaper.leak.LeakSites;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.text.HumanText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * Says, from the leaks that were reported and not released, whether a release would have hurt anyone, and which settings follow from that.
 * It claims no more than was seen: a grade of which few leaks were reported, or only for a short time, is not called safe.
 */
public final class DrainAdvice {
    /** From so many leaks of a grade on, watched for long enough. With none of them used again, at most one in ten would be (95 % certainty). */
    static final int LEAST_LEAKS = 30;
    /** Each of them must have been reported so many timeouts ago ... */
    static final int LEAST_TIMEOUTS = 10;
    /** ... and so many milliseconds: an application has slow times, too. */
    static final long LEAST_MILLIS = TimeUnit.HOURS.toMillis(1);
    /** A dry run that was shorter than this has not seen what happens once a day. */
    static final long DAY = TimeUnit.DAYS.toMillis(1);
    /** If none of n leaks was used again, the share that is used is below 3/n with a certainty of 95 % (the rule of three). */
    private static final int RULE_OF_THREE = 3;
    /** A new timeout is longer by a quarter than the longest time after which the application came back. */
    private static final double MARGIN = 1.25;

    private static final long LONGEST_TIMEOUT = TimeUnit.HOURS.toMillis(24);

    /** What the advice depends on, besides what was reported. */
    public static final List<String> SETTINGS = List.of(
            "track",
            "action",
            "strong.action",
            "weak.action",
            "doubtful.action",
            "probe",
            "exclude",
            "pressure.timeout",
            "pressure.doubtful");

    /** In place of the exclusions of a report whose addresses are masked. */
    public static final String MASKED = "(masked)";

    private final DryRunInfo run;

    /** What the dry run says about one grade. */
    public enum Verdict {
        /** None was used again, of enough leaks and for long enough. */
        SAFE,
        /** The application came back for some. */
        CAME_BACK,
        /** Too few were reported, or only for a short time. */
        TOO_LITTLE,
        /** None was reported. */
        NONE
    }

    /**
     * One grade.
     *
     * @param grade    the grade
     * @param reported leaks that were reported and not released
     * @param used     of these: read or written by the application later
     * @param closed   of these: closed by the application later
     * @param verdict  what follows
     * @param why      the same in a sentence without a full stop
     */
    public record OfGrade(Grade grade, long reported, long used, long closed, Verdict verdict, String why) {}

    /**
     * A site whose sockets the application came back for.
     *
     * @param row     the site and grade
     * @param timeout the setting that would have kept a release from them, {@code name=value}; empty if none can
     * @param exclude the setting that excludes the site, with the exclusions that hold; empty if its class is not known
     */
    public record CameBack(DryRunRow row, String timeout, String exclude) {}

    public DrainAdvice(DryRunInfo run) {
        this.run = run;
    }

    /** For how long a leak with that timeout must have been watched to say something, both in milliseconds. */
    static long enoughMillis(long timeout) {
        return Math.max(LEAST_MILLIS, LEAST_TIMEOUTS * timeout);
    }

    // -- The verdict on each grade

    /** The grades, the surest first. */
    public List<OfGrade> grades() {
        var grades = new ArrayList<OfGrade>();
        for (Grade grade : Grade.values()) {
            grades.add(of(grade));
        }
        return grades;
    }

    private OfGrade of(Grade grade) {
        List<DryRunRow> rows = run.rows().stream()
                .filter(row -> row.grade().equals(grade.toString()))
                .toList();
        long reported = rows.stream().mapToLong(DryRunRow::reported).sum();
        long used = rows.stream().mapToLong(DryRunRow::used).sum();
        long closed = rows.stream().mapToLong(DryRunRow::closed).sum();
        long harmed = rows.stream().mapToLong(DrainAdvice::harmed).sum();
        long watched = rows.stream().mapToLong(DryRunRow::watched).sum();
        if (reported == 0) {
            return new OfGrade(grade, 0, 0, 0, Verdict.NONE, "no such leak was reported");
        }
        if (harmed > 0) {
            String why = "the application came back for " + harmed + " of them";
            return new OfGrade(grade, reported, used, closed, Verdict.CAME_BACK, why);
        }
        if (watched < LEAST_LEAKS) {
            long enough = rows.stream()
                    .mapToLong(row -> enoughMillis(row.timeout()))
                    .max()
                    .orElse(0);
            String why = "too little seen: " + watched + " of them were watched for " + time(enough) + ", "
                    + LEAST_LEAKS + " are needed";
            return new OfGrade(grade, reported, used, closed, Verdict.TOO_LITTLE, why);
        }
        String why = "a release would have hurt none of the " + watched + " that were watched for long; at most 1 in "
                + watched / RULE_OF_THREE + " may still be in use (95 % certainty)";
        return new OfGrade(grade, reported, used, closed, Verdict.SAFE, why);
    }

    /** Leaks of a row that a release would have taken from the application. */
    private static long harmed(DryRunRow row) {
        // A proven leak is closed already or has no owner: a later close of it takes nothing away.
        return row.grade().equals(Grade.PROVEN.toString()) ? row.used() : row.cameBack();
    }

    // -- What came back

    /**
     * The sites whose sockets the application came back for, the most first. Not of doubtful leaks, which {@code action} does not
     * release.
     */
    public List<CameBack> cameBack() {
        var all = new ArrayList<CameBack>();
        for (DryRunRow row : run.rows()) {
            if (harmed(row) > 0 && !row.grade().equals(Grade.DOUBTFUL.toString())) {
                all.add(new CameBack(row, longerTimeout(row), exclusion(row)));
            }
        }
        all.sort((one, other) -> Long.compare(harmed(other.row()), harmed(one.row())));
        return all;
    }

    /** What such a row says, in a sentence without a full stop. */
    public static String sentence(DryRunRow row) {
        String what = row.closed() == 0
                ? "read or written"
                : row.used() == 0 ? "closed by the application" : "read, written or closed by the application";
        return row.cameBack() + " of "
                + HumanText.count(row.reported(), "leak", "leaks") + " (" + row.grade() + ", " + row.kind() + "): "
                + what
                + " after " + range(row) + LeakSites.place(row.location());
    }

    private static String range(DryRunRow row) {
        String shortest = HumanText.duration(row.shortest());
        String longest = HumanText.duration(row.longest());
        return shortest.equals(longest) ? longest + " without use" : shortest + " to " + longest + " without use";
    }

    private static String longerTimeout(DryRunRow row) {
        long millis = round((long) (row.longest() * MARGIN));
        return millis > LONGEST_TIMEOUT ? "" : timeoutName(row) + "=" + setting(millis);
    }

    /** The narrowest setting that lengthens the timeout of that kind or grade. */
    private static String timeoutName(DryRunRow row) {
        boolean ofGrade =
                row.grade().equals(Grade.WEAK.toString()) || row.grade().equals(Grade.DOUBTFUL.toString());
        return (ofGrade ? row.grade() : row.kind()) + ".timeout";
    }

    private String exclusion(DryRunRow row) {
        String type = LeakSites.classOf(row.location());
        String before = run.setting("exclude");
        if (type.isEmpty() || !LeakSites.isApplicationClass(type) || before.equals(MASKED)) {
            // A class of a framework would exclude far too much.
            return "";
        }
        return "exclude=" + (before.isEmpty() || before.equals("none") ? "" : before + ";") + "stack:" + type;
    }

    /** Up to a number that a person would write. */
    private static long round(long millis) {
        long step = millis <= 2_000
                ? 100
                : millis <= 120_000 ? 1_000 : millis <= 600_000 ? 30_000 : millis <= 7_200_000 ? 60_000 : 3_600_000;
        return (millis + step - 1) / step * step;
    }

    private static String setting(long millis) {
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    // -- What follows

    /**
     * The settings that release what the dry run calls safe, ready for the command {@code set}; empty if it calls no grade safe. A grade that
     * is not called safe is only reported with them.
     */
    public List<String> settings() {
        List<OfGrade> grades = grades();
        if (grades.stream().filter(of -> of.grade() != Grade.DOUBTFUL).noneMatch(of -> of.verdict() == Verdict.SAFE)) {
            return List.of();
        }
        // No proven leak can be used again, seen or not.
        Verdict proven = grades.get(Grade.PROVEN.ordinal()).verdict();
        String action = proven == Verdict.CAME_BACK ? "log" : releasing(run.setting("action"));
        var settings = new ArrayList<String>();
        settings.add("action=" + action);
        for (Grade grade : List.of(Grade.STRONG, Grade.WEAK)) {
            String wanted = wanted(grades.get(grade.ordinal()));
            settings.add(grade + ".action=" + (wanted.equals(action) ? "as-action" : wanted));
        }
        return settings;
    }

    /**
     * Says that these grades are released from now on and not called safe, in one sentence without a full stop. A proven leak needs no
     * evidence, unless the application came back for one; doubtful ones are never called safe.
     *
     * @param released grades that were only reported until now
     * @return empty if that is not so
     */
    public String warning(Set<Grade> released) {
        var unsafe = new StringJoiner(" and ");
        var why = new StringJoiner("; ");
        for (OfGrade of : grades()) {
            boolean known =
                    of.verdict() == Verdict.SAFE || of.grade() == Grade.PROVEN && of.verdict() != Verdict.CAME_BACK;
            if (released.contains(of.grade()) && !known && of.grade() != Grade.DOUBTFUL) {
                unsafe.add(of.grade().toString());
                if (of.verdict() != Verdict.NONE) {
                    why.add(of.why() + " (" + of.grade() + ")");
                }
            }
        }
        if (unsafe.length() == 0) {
            return "";
        }
        return (settings().isEmpty() ? "calls no grade safe yet: " : "does not call " + unsafe + " leaks safe: ")
                + (why.length() == 0 ? "no such leak was reported" : why);
    }

    /** The action to advise for a grade. A grade that is being released already, so that none of its leaks is only reported, keeps its action. */
    private String wanted(OfGrade of) {
        String own = run.setting(of.grade() + ".action");
        String now = own.isEmpty() || own.equals("as-action") ? run.setting("action") : own;
        boolean released = run.releases() && of.verdict() == Verdict.NONE && isRelease(now);
        return released ? now : of.verdict() == Verdict.SAFE ? releasing(now) : "log";
    }

    private static String releasing(String action) {
        return isRelease(action) ? action : "drain";
    }

    private static boolean isRelease(String action) {
        return action.equals("drain") || action.equals("close");
    }

    /** What to do while no grade is called safe, a sentence or two. */
    public String untilSafe() {
        return run.releases()
                ? "No grade that is only reported can be called safe yet. Leave its action as it is, and ask again later."
                : "No grade can be called safe yet. Leave action=log, and ask again later.";
    }

    /** Whether it is no dry run any more: the agent releases leaks, and only reports the rest. */
    public boolean isOfTheRest() {
        return run.releases();
    }

    /** What the numbers do not show, a sentence each. */
    public List<String> limits() {
        var limits = new ArrayList<String>();
        if (run.observesOnly()) {
            limits.add(
                    "The settings have a problem, so the agent releases no socket until the next start without one.");
        }
        if (run.lasted() < DAY) {
            limits.add(
                    "The agent has been there for " + time(run.lasted()) + ": what happens once a day was not seen.");
        }
        if (run.setting("track").equals("half-closed")) {
            limits.add("Only half-closed sockets are watched (track=half-closed).");
        }
        String peers = peers();
        if (!peers.isEmpty()) {
            limits.add(peers);
        }
        if (run.rows().stream().noneMatch(row -> row.leastIdle() < row.timeout())) {
            limits.add("Near the descriptor limit proven and strong leaks are released after pressure.timeout ("
                    + run.setting("pressure.timeout") + ") if that is shorter: so short a pause was not tried.");
        }
        limits.add(doubtful());
        return limits;
    }

    /** Whether the grades of peer-closed leaks rest on an answer of their peers; empty if no row depends on that. */
    private String peers() {
        String probe = "(probe=" + run.setting("probe") + ")";
        if (run.asksPeers()) {
            return anyPeerClosed(Grade.WEAK) || anyPeerClosed(Grade.DOUBTFUL)
                    ? "Peers are asked whether they are gone " + probe
                            + ": a peer-closed leak is doubtful while its peer answers, and strong once the peer is gone"
                            + " (a closed peer is known to its kernel for some 60 s)."
                    : "";
        }
        return anyPeerClosed(Grade.WEAK)
                ? "Peers were not asked whether they are gone"
                        + (run.setting("probe").equals("off") ? " " : ", because no release depended on it ")
                        + probe
                        + ": with probe=on peer-closed leaks are reported with the grade at which they would be released."
                : "";
    }

    private boolean anyPeerClosed(Grade grade) {
        return run.rows().stream()
                .anyMatch(row -> row.kind().equals(LeakKind.PEER_CLOSED.toString())
                        && row.grade().equals(grade.toString()));
    }

    private String doubtful() {
        String action = run.setting("doubtful.action");
        if (!action.equals("log")) {
            return "Doubtful leaks are released, too (doubtful.action=" + action + "): a release of one may lose data.";
        }
        return run.setting("pressure.doubtful").equals("true")
                ? "Doubtful leaks are released near the descriptor limit (pressure.doubtful=true): a release of one may lose data."
                : "Doubtful leaks stay reported: a release of one may lose data, also if none was used again.";
    }

    /** All in one line without a full stop, e.g. for a status. */
    public String headline() {
        long reported = 0;
        long touched = 0;
        for (DryRunRow row : run.rows()) {
            reported += row.reported();
            touched += row.cameBack();
        }
        String seen =
                HumanText.count(reported, "leak", "leaks") + " reported and not released in " + time(run.lasted());
        if (reported == 0) {
            return seen;
        }
        List<CameBack> back = cameBack();
        if (!back.isEmpty()) {
            long harmed = back.stream().mapToLong(each -> harmed(each.row())).sum();
            DryRunRow most = back.get(0).row();
            return seen + "; the application came back for " + harmed + ", after " + range(most)
                    + LeakSites.place(most.location());
        }
        String untouched = touched == 0
                ? "none was touched again"
                : HumanText.count(reported - touched, "was", "were") + " not touched again";
        return seen + "; " + untouched + (settings().isEmpty() ? unsafe() : said());
    }

    /** Why no release is called safe. */
    private String unsafe() {
        boolean onlyDoubtful = run.rows().stream().allMatch(row -> row.grade().equals(Grade.DOUBTFUL.toString()));
        return run.releases() && onlyDoubtful
                ? "; all of them are doubtful"
                : "; too little was seen to call a release safe";
    }

    /** Of which grades a release would have hurt none. */
    private String said() {
        var safe = new StringJoiner(" and ");
        for (OfGrade of : grades()) {
            if (of.verdict() == Verdict.SAFE && of.grade() != Grade.DOUBTFUL) {
                safe.add(of.grade().toString());
            }
        }
        return "; a release of the " + safe + " ones would have hurt none";
    }

    private static String time(long millis) {
        return HumanText.longDuration(TimeUnit.MILLISECONDS.toSeconds(millis));
    }
}
