package io.socketreaper.jmx;

import io.socketreaper.control.CachedAnswer;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.History;
import io.socketreaper.control.NotAnsweredException;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.ReleaseRequest;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import java.util.List;
import java.util.function.Supplier;

/**
 * Asks the agent on behalf of the MBeans, once a second at most: a client reads attributes one by one, and a scrape reads all
 * of them. Any thread.
 */
final class AgentQueries {
    static final int MOST_SOCKETS = 100;

    private final Control control;
    private final CachedAnswer<Status> status;
    private final CachedAnswer<List<SiteInfo>> sites;
    private final CachedAnswer<List<SocketInfo>> sockets;
    private final CachedAnswer<History> history;
    private final CachedAnswer<List<OpenSiteInfo>> open;
    private final CachedAnswer<DryRunInfo> dryRun;

    AgentQueries(Control control) {
        this.control = control;
        this.status = new CachedAnswer<>(() -> asked(control::status));
        this.sites = new CachedAnswer<>(() -> asked(control::sites));
        this.sockets = new CachedAnswer<>(() -> asked(() -> control.sockets(null, MOST_SOCKETS)));
        this.history = new CachedAnswer<>(() -> asked(control::history));
        this.open = new CachedAnswer<>(() -> asked(control::allOpen));
        this.dryRun = new CachedAnswer<>(() -> asked(control::dryRun));
    }

    Status status() {
        return status.get();
    }

    List<SiteInfo> sites() {
        return sites.get();
    }

    List<SocketInfo> sockets() {
        return sockets.get();
    }

    List<OpenSiteInfo> open() {
        return open.get();
    }

    DryRunInfo dryRun() {
        return dryRun.get();
    }

    History history() {
        return history.get();
    }

    AnswerData releaseSite(String id, String action) {
        return new AnswerData(changed(() -> control.releaseSite(id, releaseRequest(action))));
    }

    /** Passes on what cannot be known to a client as something that can. */
    static <T> T asked(Supplier<T> request) {
        try {
            return request.get();
        } catch (NotAnsweredException busy) {
            throw new IllegalStateException(busy.getMessage());
        } catch (ControlException refused) {
            throw new IllegalArgumentException(refused.getMessage());
        }
    }

    /** The same for a request after which what is known is old. */
    <T> T changed(Supplier<T> request) {
        try {
            return asked(request);
        } finally {
            forget();
        }
    }

    void forget() {
        status.forget();
        sites.forget();
        sockets.forget();
        history.forget();
        open.forget();
        dryRun.forget();
    }

    static ReleaseRequest releaseRequest(String action) {
        return ReleaseRequest.named(needed("action", action));
    }

    static String needed(String name, String value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " must not be null");
        }
        return value;
    }
}
