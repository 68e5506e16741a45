package io.socketreaper.page;

import com.google.gson.JsonObject;
import io.socketreaper.config.ListenAddress;
import io.socketreaper.control.CachedAnswer;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.control.ReleaseRequest;
import io.socketreaper.html.HtmlPages;
import io.socketreaper.html.ReportModel;
import io.socketreaper.http.HttpHandler;
import io.socketreaper.http.HttpRequest;
import io.socketreaper.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What stands behind each address of the page. However many look at it, the agent is asked once a second. */
public final class StatusPage implements HttpHandler {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON = "application/json";
    /** An address that calls itself by its name. */
    private static final String ANYBODY = "127.0.0.1:9";

    private static final String TOKEN_HEADER = "x-socket-reaper-token";
    private static final int LONGEST_FILTER = 200;
    private static final Set<String> CHANGES = Set.of("/check", "/release", "/set", "/pause", "/resume");
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int CONFLICT = 409;
    private static final int UNAVAILABLE = 503;

    private final Control control;
    private final AccessCheck accessCheck;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final CachedAnswer<ReportModel> model;

    public StatusPage(Control control, ListenAddress address) {
        this(control, new AccessCheck(!address.isLoopback()));
    }

    StatusPage(Control control, AccessCheck accessCheck) {
        this.control = control;
        this.accessCheck = accessCheck;
        this.model = new CachedAnswer<>(() -> ReportModel.of(control));
        headers.put("Content-Security-Policy", HtmlPages.livePolicy());
        headers.put("X-Frame-Options", "DENY");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Cache-Control", "no-store");
        // With no-referrer a browser would not even tell us that a form is our own.
        headers.put("Referrer-Policy", "same-origin");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
    }

    /**
     * Renders whatever it can, which may fail for good if it is tried for the first time once the process has run out of
     * descriptors.
     */
    public void warmUp() {
        var headers = Map.of("host", List.of(ANYBODY), TOKEN_HEADER, List.of(accessCheck.token()));
        for (String path : List.of("/", "/live.json", "/check")) {
            handle(new HttpRequest(path.equals("/check") ? "POST" : "GET", path, "", headers, new byte[0], ANYBODY));
        }
    }

    /** The token, and what it is for. */
    public String tokenLine() {
        return "token that "
                + (accessCheck.needsTokenToRead()
                        ? "reading and changing anything needs: "
                        : "changing anything needs: ")
                + accessCheck.token();
    }

    @Override
    public HttpResponse handle(HttpRequest request) {
        String refusal = accessCheck.refusal(request);
        if (refusal != null) {
            return message(request, FORBIDDEN, refusal);
        }
        boolean post = request.method().equals("POST");
        var form = new FormFields(post ? new String(request.body(), StandardCharsets.UTF_8) : request.query());
        // Never from the address: that is kept in histories and logs.
        String offered =
                request.header(TOKEN_HEADER).isEmpty() && post ? form.get("token") : request.header(TOKEN_HEADER);
        boolean authorized = accessCheck.isToken(offered);
        if (CHANGES.contains(request.path())) {
            return !post
                    ? message(request, NOT_ALLOWED, "this address accepts only POST")
                    : authorized ? change(request, form) : message(request, UNAUTHORIZED, wrong(offered));
        }
        return read(request, form, offered, authorized);
    }

    private HttpResponse read(HttpRequest request, FormFields form, String offered, boolean authorized) {
        try {
            return switch (request.path()) {
                case "/" -> page(authorized, form, offered, request.method().equals("POST"));
                case "/live.json" ->
                    accessCheck.needsTokenToRead() && !authorized
                            ? message(request, UNAUTHORIZED, wrong(offered))
                            : response(OK, JSON, HtmlPages.update(model.get()));
                default -> message(request, NOT_FOUND, "no page has this address");
            };
        } catch (ControlException notNow) {
            return message(request, UNAVAILABLE, Objects.requireNonNull(notNow.getMessage()));
        }
    }

    private static String wrong(String offered) {
        return (offered.isEmpty() ? "the token is missing" : "the token is wrong")
                + ": it is in the application's log, in the line with \"status page\", and new at each start";
    }

    private HttpResponse page(boolean authorized, FormFields form, String offered, boolean post) {
        if (!authorized && (accessCheck.needsTokenToRead() || post)) {
            return response(
                    post ? UNAUTHORIZED : OK,
                    HTML,
                    HtmlPages.locked(
                            post
                                    ? wrong(offered)
                                    : "This page can be reached from other machines, so reading needs the token, too.",
                            post));
        }
        String filter = form.get("q").strip();
        return response(
                OK,
                HTML,
                HtmlPages.live(
                        model.get(),
                        filter.substring(0, Math.min(LONGEST_FILTER, filter.length())),
                        accessCheck.needsTokenToRead() ? accessCheck.token() : null));
    }

    // -- What changes anything

    private HttpResponse change(HttpRequest request, FormFields form) {
        try {
            return message(request, OK, changed(request.path(), form));
        } catch (ControlException refused) {
            return message(request, CONFLICT, Objects.requireNonNull(refused.getMessage()));
        } catch (NumberFormatException bad) {
            return message(request, BAD_REQUEST, "\"" + form.get("socket") + "\" is not the id of a socket");
        } finally {
            model.forget();
        }
    }

    private String changed(String path, FormFields form) {
        switch (path) {
            case "/release":
                ReleaseRequest action =
                        form.get("action").isEmpty() ? ReleaseRequest.DRAIN : ReleaseRequest.named(form.get("action"));
                return released(
                        form.get("site").isEmpty()
                                ? control.releaseSocket(Long.parseLong(form.get("socket")), action)
                                : control.releaseSite(form.get("site"), action));
            case "/set":
                return control.set(form.get("settings"));
            case "/pause":
                control.pause();
                return "Paused: leaks are neither found nor released.";
            case "/resume":
                control.resume();
                return "Resumed.";
            default:
                return "The token is right.";
        }
    }

    private static String released(ReleaseAnswer answer) {
        return "Release begun for " + answer.begun() + (answer.begun() == 1 ? " socket" : " sockets")
                + (answer.spared() > 0 ? "; " + answer.spared() + " spared by a veto or an exclusion" : "")
                + (answer.notYet() > 0
                        ? "; " + answer.notYet() + " not a leak yet (input from the peer restarts the idle time, too)"
                        : "")
                + (answer.doubtful() > 0
                        ? "; " + answer.doubtful() + " not touched: doubtful, a release may lose data"
                        : "")
                + ".";
    }

    // -- How it is said

    private HttpResponse message(HttpRequest request, int status, String sentence) {
        boolean done = status == OK;
        if (request.path().endsWith(".json") || request.header("accept").contains(JSON)) {
            var json = new JsonObject();
            json.addProperty(done ? "said" : "error", sentence);
            return response(status, JSON, json.toString());
        }
        return response(status, HTML, HtmlPages.said(done, sentence));
    }

    private HttpResponse response(int status, String type, String text) {
        return new HttpResponse(status, type, headers, text.getBytes(StandardCharsets.UTF_8));
    }
}
