package io.socketreaper.http;

import io.socketreaper.config.ListenAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that was understood.
 *
 * @param method  {@code GET}, {@code HEAD} or {@code POST}
 * @param path    decoded and without {@code ..}, begins with a slash
 * @param query   after the question mark, as it was sent; empty if there is none
 * @param headers names in lower case, values in the order they came
 * @param body    of a POST, at most {@value HttpOutlet#BODY_LIMIT} bytes; empty otherwise
 * @param local   the address that it came to, {@code host:port}, without brackets
 */
public record HttpRequest(
        String method, String path, String query, Map<String, List<String>> headers, byte[] body, String local) {
    private static final String HTTP_PORT = ":80";

    /**
     * The address by which the Host header calls us; null if it does so by a name other than {@code localhost}, which could be anybody's
     * that points here (DNS rebinding), or not at all.
     */
    public @Nullable ListenAddress hostAddress() {
        String host = header("host").toLowerCase(Locale.ROOT);
        boolean withPort = host.lastIndexOf(':') > host.lastIndexOf(']');
        try {
            return ListenAddress.parse(withPort ? host : host + HTTP_PORT);
        } catch (IllegalArgumentException name) {
            return null;
        }
    }

    /** The first value of a header, given in lower case; empty if there is none. */
    public String header(String name) {
        List<String> values = headers.get(name);
        return values == null ? "" : values.get(0);
    }
}
