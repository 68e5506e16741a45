package io.socketreaper.http;

import java.util.List;
import java.util.Map;

/**
 * A request that was understood.
 *
 * @param method  {@code GET}, {@code HEAD} or {@code POST}
 * @param path    decoded and without {@code ..}, begins with a slash
 * @param query   after the question mark, as it was sent; empty if there is none
 * @param headers names in lower case, values in the order they came
 * @param body    of a POST, at most {@value HttpOutlet#BODY_LIMIT} bytes; empty otherwise
 * @param local   the address that it came to, {@code host:port}
 */
public record Ask(String method, String path, String query, Map<String, List<String>> headers, byte[] body, String local) {
    /** The first value of a header, given in lower case; empty if there is none. */
    public String header(String name) {
        List<String> values = headers.get(name);
        return values == null ? "" : values.get(0);
    }
}
