package io.socketreaper.html;

import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.model.Grade;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that show a sign of a leak and have not been idle for long enough, so that they are neither found nor released.
 *
 * @param count   how many
 * @param isLeast there may be more: the model has only the longest idle ones
 * @param ofSite  of these: of the line of {@code site}
 * @param site    the site with leaks that has most of them; null if they are of other lines
 * @param stays   whether some of them may be lost and never become idle: they are of a line with leaks, or show their sign for longer
 *                than their timeout; not doubtful ones, of which a reader may be slow
 */
record Watched(
        int count, boolean isLeast, int ofSite, @Nullable SiteInfo site, boolean stays) {
    static Watched of(ReportModel model) {
        var bySite = new HashMap<SiteInfo, Integer>();
        int count = 0;
        boolean stays = false;
        for (SocketInfo socket : model.sockets()) {
            if (!socket.phase().equals("suspect") || socket.idleMillis() >= socket.timeoutMillis()) {
                continue;
            }
            count++;
            SiteInfo site = siteOf(socket, model);
            if (site != null) {
                bySite.merge(site, 1, Integer::sum);
            }
            stays |= !socket.grade().equals(Grade.DOUBTFUL.toString())
                    && (site != null || socket.ageMillis() >= socket.timeoutMillis());
        }
        var most = bySite.entrySet().stream().max(Map.Entry.comparingByValue()).orElse(null);
        return new Watched(
                count,
                model.sockets().size() >= ReportModel.MOST_SOCKETS,
                most == null ? 0 : most.getValue(),
                most == null ? null : most.getKey(),
                stays);
    }

    /** The site that a leak of it would be of, as far as a suspect tells; null if there is none. */
    private static @Nullable SiteInfo siteOf(SocketInfo socket, ReportModel model) {
        for (SiteInfo site : model.sites()) {
            if (!site.stack().isEmpty()
                    && site.kind().equals(socket.kind())
                    && !socket.location().isEmpty()
                    && (socket.location().equals(site.location())
                            || socket.location().equals(site.openedAt()))) {
                return site;
            }
        }
        return null;
    }

    /** A clause that begins with a semicolon; empty if there are none. */
    String clause(int sites) {
        if (count == 0) {
            return "";
        }
        String where = site == null
                ? ""
                : ", " + (ofSite < count ? HtmlText.number(ofSite) + " of them " : count > 1 ? "all of them " : "")
                        + "at "
                        + (sites == 1
                                ? "the same line"
                                : CodeLine.of(site.location()).place());
        return "; " + (isLeast ? "at least " : "") + HtmlText.number(count)
                + (count == 1
                        ? " more socket shows a sign of a leak and has not been idle for long enough"
                        : " more sockets show a sign of a leak and have not been idle for long enough")
                + where;
    }
}
