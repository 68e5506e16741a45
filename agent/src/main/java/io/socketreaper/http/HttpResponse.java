package io.socketreaper.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What is sent back.
 *
 * @param contentType value of that header
 * @param headers     further ones; never null
 */
public record HttpResponse(int status, String contentType, Map<String, String> headers, byte[] body) {
    private static final String TEXT = "text/plain; charset=utf-8";

    public static HttpResponse text(int status, String text) {
        return new HttpResponse(status, TEXT, Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }
}
