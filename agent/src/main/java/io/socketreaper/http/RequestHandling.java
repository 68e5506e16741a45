package io.socketreaper.http;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;

/** Makes an {@link HttpRequest} of a request and sends the {@link HttpResponse}. No thread ever waits for a client. */
final class RequestHandling extends Handler.Abstract {
    private static final byte[] NOTHING = new byte[0];

    private final HttpHandler handler;
    private final Logger log;
    private volatile boolean failed;

    RequestHandling(HttpHandler handler, Logger log) {
        this.handler = handler;
        this.log = log;
    }

    @Override
    // Jetty 12.0 has no other way that takes a limit; both outcomes are handled
    @SuppressWarnings({"removal", "FutureReturnValueIgnored"})
    public boolean handle(Request request, Response response, Callback callback) {
        switch (request.getMethod()) {
            case "GET", "HEAD" -> answer(request, response, callback, NOTHING);
            case "POST" -> {
                if (request.getLength() > HttpOutlet.BODY_LIMIT) {
                    send(HttpResponse.text(413, "413 Content Too Large\n"), false, response, callback);
                } else {
                    Content.Source.asByteArrayAsync(request, HttpOutlet.BODY_LIMIT)
                            .whenComplete((body, tooLarge) -> {
                                if (tooLarge == null) {
                                    answer(request, response, callback, body);
                                } else {
                                    send(HttpResponse.text(413, "413 Content Too Large\n"), false, response, callback);
                                }
                            });
                }
            }
            default ->
                send(
                        new HttpResponse(405, "text/plain; charset=utf-8", Map.of("Allow", "GET, HEAD, POST"), NOTHING),
                        false,
                        response,
                        callback);
        }
        return true;
    }

    private void answer(Request request, Response response, Callback callback, byte[] body) {
        HttpResponse result;
        try {
            result = handler.handle(parse(request, body));
        } catch (RuntimeException | LinkageError failure) {
            if (!failed) {
                failed = true;
                log.error(
                        "a request could not be answered; the application is not affected, and this is logged once",
                        failure);
            }
            result = HttpResponse.text(500, "500 the agent failed to answer; its log has the reason\n");
        }
        send(result, request.getMethod().equals("HEAD"), response, callback);
    }

    private static HttpRequest parse(Request request, byte[] body) {
        var headers = new HashMap<String, List<String>>();
        for (HttpField field : request.getHeaders()) {
            headers.computeIfAbsent(field.getLowerCaseName(), name -> new ArrayList<>())
                    .add(String.valueOf(field.getValue()));
        }
        String query = request.getHttpURI().getQuery();
        String path = request.getHttpURI().getDecodedPath();
        var local = request.getConnectionMetaData().getLocalSocketAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress() + ":" + address.getPort()
                : "";
        return new HttpRequest(
                request.getMethod().toUpperCase(Locale.ROOT),
                path == null ? "/" : path,
                query == null ? "" : query,
                headers,
                body,
                local);
    }

    private static void send(HttpResponse result, boolean headOnly, Response response, Callback callback) {
        response.setStatus(result.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, result.contentType());
        SecurityHeaders.in(response);
        for (Map.Entry<String, String> header : result.headers().entrySet()) {
            response.getHeaders().put(header.getKey(), header.getValue());
        }
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, result.body().length);
        response.write(true, ByteBuffer.wrap(headOnly ? NOTHING : result.body()), callback);
    }
}
