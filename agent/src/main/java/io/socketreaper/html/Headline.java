package io.socketreaper.html;

import io.socketreaper.control.History.Sample;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one sentence: what leaks, how fast, which line of code, what was done.
 *
 * @param tone {@code bad}, {@code warn} if sockets pile up, {@code good}, or {@code calm} if there was nothing to do
 */
record Headline(String tone, String sentence) {
    /** Of less than that a rate would be a guess. */
    private static final long SHORTEST = 10_000;
    /** Descriptors: by fewer than that a healthy program grows and shrinks all the time. */
    private static final long LEAST_GROWTH = 5;

    /** Growth that is older is no ground for a forecast. */
    private static final long RECENT = 10 * 60_000;

    private static final long FORESEEABLE = 7 * 24 * 3_600_000L;
    private static final double MINUTE = 60_000;

    static Headline of(ReportModel model) {
        Status status = model.status();
        Totals total = status.total();
        OpenSiteInfo growing = growing(model);
        if (total.held() == 0 && growing != null) {
            return new Headline(
                    "warn",
                    "No single socket is proven to be leaked and held, but sockets pile up at "
                            + PrintableText.line(growing.location()) + ": "
                            + HtmlText.number(growing.open()) + " are open, "
                            + String.format(Locale.ROOT, "%.1f more a minute", growing.growingPerMinute())
                            + inTime(growing.limitInMillis(), status.limit()) + ".");
        }
        if (total.found() == 0) {
            return new Headline(
                    "calm",
                    "No leak was found"
                            + (status.nowMillis() > status.startedMillis()
                                    ? " in " + HumanText.duration(status.nowMillis() - status.startedMillis())
                                    : "")
                            + ": " + descriptors(status)
                            + (status.suspects() > 0
                                    ? "; " + HtmlText.count(status.suspects(), "socket") + " under watch."
                                    : "."));
        }
        String what = total.held() > 0
                ? HtmlText.count(total.held(), "leaked socket") + (total.held() == 1 ? " is" : " are") + " still held"
                : HtmlText.count(total.found(), "leaked socket") + (total.found() == 1 ? " was" : " were")
                        + " found and none is held any more";
        return new Headline(
                total.held() > 0 ? "bad" : "good",
                what + where(model.sites()) + done(total) + (total.held() > 0 ? limit(model) : "") + ".");
    }

    /** The site that grows fastest; null if none grows. */
    private static @Nullable OpenSiteInfo growing(ReportModel model) {
        OpenSiteInfo fastest = null;
        for (OpenSiteInfo site : model.open()) {
            if (site.growingPerMinute() > 0
                    && (fastest == null || site.growingPerMinute() > fastest.growingPerMinute())) {
                fastest = site;
            }
        }
        return fastest;
    }

    private static String where(List<SiteInfo> sites) {
        if (sites.isEmpty()) {
            return "";
        }
        SiteInfo worst = sites.get(0);
        return (sites.size() == 1 ? ", leaked at " : ", most of them leaked at ") + PrintableText.line(worst.location())
                + " ("
                + worst.kind() + rate(worst) + ")"
                + (sites.size() == 1 ? "" : ", the rest at " + HtmlText.count(sites.size() - 1, "other line"));
    }

    private static String rate(SiteInfo site) {
        long span = site.lastMillis() - site.firstMillis();
        long found = site.totals().found();
        if (found < 2 || site.firstMillis() == 0) {
            return "";
        }
        return span < SHORTEST
                ? ", " + HtmlText.number(found) + " within " + HumanText.duration(Math.max(SHORTEST / 10, span))
                : String.format(Locale.ROOT, ", %.1f a minute", (found - 1) * MINUTE / span);
    }

    private static String done(Totals total) {
        var done = new StringBuilder("; ");
        done.append(
                total.released() == 0
                        ? "the agent released none"
                        : "the agent released " + HtmlText.number(total.released()));
        if (total.releasedAfterAll() > 0) {
            done.append(", the application ")
                    .append(HtmlText.number(total.releasedAfterAll()))
                    .append(" after all");
        }
        if (total.givenUp() > 0) {
            done.append(", ").append(HtmlText.number(total.givenUp())).append(" could not be released");
        }
        return done.toString();
    }

    /** When the descriptors run out if they go on growing as in the last minutes; what grew before that says nothing of now. */
    private static String limit(ReportModel model) {
        List<Sample> samples = model.history().samples();
        if (samples.size() < 2) {
            return "";
        }
        Sample last = samples.get(samples.size() - 1);
        Sample first = last;
        Sample middle = last;
        for (int i = samples.size() - 1;
                i >= 0 && last.atMillis() - samples.get(i).atMillis() <= RECENT;
                i--) {
            first = samples.get(i);
            if (last.atMillis() - first.atMillis() <= RECENT / 2) {
                middle = first;
            }
        }
        long span = last.atMillis() - first.atMillis();
        long grown = (long) last.open() - first.open();
        if (span < SHORTEST || grown < LEAST_GROWTH || first.open() < 0 || last.limit() <= 0) {
            return "";
        }
        if (span > RECENT / 2 && last.open() <= middle.open()) {
            return "; the number of open descriptors is not growing any more";
        }
        return inTime((last.limit() - last.open()) * (double) span / grown, last.limit());
    }

    private static String inTime(double millis, long limit) {
        return millis < 0 || millis > FORESEEABLE
                ? ""
                : "; at this rate the limit of " + HtmlText.number(limit) + " descriptors is reached in "
                        + HumanText.duration((long) millis);
    }

    static String descriptors(Status status) {
        if (status.open() < 0) {
            return "how many descriptors are open is unknown";
        }
        return HtmlText.number(status.open())
                + (status.limit() > 0
                        ? " of " + HtmlText.number(status.limit()) + " descriptors are open ("
                                + HtmlText.percent(status.open(), status.limit()) + ")"
                        : " descriptors are open");
    }
}
