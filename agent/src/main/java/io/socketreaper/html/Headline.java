package io.socketreaper.html;

import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one sentence: what leaks, when the limit is reached, which line of code and how fast, what was done.
 *
 * @param tone {@code bad}, {@code warn} if sockets pile up, {@code watch} if all leaks are released and more may come of the sockets that
 *             show a sign, {@code good}, or {@code calm} if there was nothing to do
 */
record Headline(String tone, String sentence) {
    /** Of less than that a rate would be a guess. */
    private static final long SHORTEST = 10_000;

    private static final long FORESEEABLE = 7 * 24 * 3_600_000L;
    private static final double MINUTE = 60_000;

    static Headline of(ReportModel model) {
        Status status = model.status();
        Totals total = status.total();
        OpenSiteInfo growing = growing(model);
        var watched = Watched.of(model);
        String more = watched.clause(model.sites().size());
        if (total.held() == 0 && growing != null) {
            return new Headline(
                    "warn",
                    "No single socket is proven to be leaked and held, but " + pileUp(growing)
                            + after("; ", inTime(growing.limitInMillis(), status.limit())) + more + ".");
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
                tone(total, watched),
                what + where(total.held() > 0 ? limit(model) : "", model.sites()) + done(total) + more
                        + (growing == null ? "" : "; besides, " + pileUp(growing)) + ".");
    }

    private static String tone(Totals total, Watched watched) {
        if (total.held() > 0) {
            return "bad";
        }
        return watched.stays() ? "watch" : "good";
    }

    private static String pileUp(OpenSiteInfo site) {
        return "sockets pile up at " + PrintableText.line(site.location()) + ": " + HtmlText.number(site.open())
                + " are open, " + String.format(Locale.ROOT, "%.1f more a minute", site.growingPerMinute());
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

    private static String after(String separator, String clause) {
        return clause.isEmpty() ? "" : separator + clause;
    }

    /** When the limit is reached, if that is foretold, and which line it is. */
    private static String where(String limit, List<SiteInfo> sites) {
        String clause = after(", and ", limit);
        if (sites.isEmpty()) {
            return clause;
        }
        SiteInfo worst = sites.get(0);
        // The table has the package.
        String place = CodeLine.of(worst.location()).place();
        return clause
                + (clause.isEmpty() ? ", " : "; ")
                + (sites.size() == 1 ? "leaked" : "most of them leaked")
                + LeakSites.place(place)
                + " ("
                + worst.kind() + rate(worst) + ")"
                + (sites.size() == 1 ? "" : ", the rest at " + HtmlText.count(sites.size() - 1, "other line"));
    }

    /** Whether a forecast belongs to the verdict: sockets are leaked and held, or pile up. */
    static boolean foretells(ReportModel model) {
        return model.status().total().held() > 0 || growing(model) != null;
    }

    /** Leaks of a site, a minute; -1 if too few are known for a rate. */
    static double perMinute(SiteInfo site) {
        long span = site.lastMillis() - site.firstMillis();
        long found = site.totals().found();
        return found < 2 || site.firstMillis() == 0 || span < SHORTEST ? -1 : (found - 1) * MINUTE / span;
    }

    private static String rate(SiteInfo site) {
        long span = site.lastMillis() - site.firstMillis();
        long found = site.totals().found();
        if (found < 2 || site.firstMillis() == 0) {
            return "";
        }
        return span < SHORTEST
                ? ", " + HtmlText.number(found) + " within " + HumanText.duration(Math.max(SHORTEST / 10, span))
                : String.format(Locale.ROOT, ", %.1f a minute", perMinute(site));
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

    /** When the descriptors run out. */
    private static String limit(ReportModel model) {
        var forecast = Forecast.of(model.history().samples());
        return forecast.hasStopped()
                ? "the number of open descriptors is not growing any more"
                : inTime(forecast.toLimitMillis(), model.status().limit());
    }

    private static String inTime(long millis, long limit) {
        return millis < 0 || millis > FORESEEABLE
                ? ""
                : "at this rate the limit of " + HtmlText.number(limit) + " descriptors is reached in "
                        + HumanText.duration(millis);
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
