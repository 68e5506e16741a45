package io.socketreaper.http;

/** What stands behind an outlet. */
public interface HttpHandler {
    /**
     * Answers a request; may take as long as the {@link io.socketreaper.control.Control} does. Threads of the outlet, some
     * at a time. An exception becomes status 500 and a line in the log.
     */
    HttpResponse handle(HttpRequest request);
}
