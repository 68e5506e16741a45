package io.socketreaper.http;

import java.util.Map;
import org.eclipse.jetty.server.Response;

/** What no answer lets a browser do, unless its own headers say otherwise: run any of it, frame it, keep it, show it to another site. */
final class SecurityHeaders {
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; frame-ancestors 'none'",
            "X-Frame-Options",
            "DENY",
            "X-Content-Type-Options",
            "nosniff",
            "Cache-Control",
            "no-store",
            "Cross-Origin-Resource-Policy",
            "same-origin");

    private SecurityHeaders() {}

    static void in(Response response) {
        for (Map.Entry<String, String> header : HEADERS.entrySet()) {
            response.getHeaders().put(header.getKey(), header.getValue());
        }
    }
}
