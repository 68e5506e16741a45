package io.socketreaper.page;

import io.socketreaper.config.ListenAddress;
import io.socketreaper.http.HttpRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Checks the access to the page. Any web site can make a browser send requests as its user, so a request must show that it comes from
 * this page: by its Host header, by its origin, and, if it makes a change, by a token that stands only in the log.
 */
final class AccessCheck {
    private static final int TOKEN_BYTES = 16;
    private static final String HTTP = "http://";

    private final boolean remote;
    private final String token;

    /** @param remote whether it listens for other machines, too */
    AccessCheck(boolean remote) {
        this(remote, freshToken());
    }

    AccessCheck(boolean remote, String token) {
        this.remote = remote;
        this.token = token;
    }

    private static String freshToken() {
        var bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    String token() {
        return token;
    }

    /** Even reading needs the token. */
    boolean needsTokenToRead() {
        return remote;
    }

    /** Compared in the same time whatever is wrong with it. */
    boolean isToken(String offered) {
        return MessageDigest.isEqual(
                token.getBytes(StandardCharsets.UTF_8), offered.strip().getBytes(StandardCharsets.UTF_8));
    }

    /** Why a request is refused, in words; null if it may pass. */
    @Nullable
    String refusal(HttpRequest request) {
        String host = request.header("host").toLowerCase(Locale.ROOT);
        if (!isOwnAddress(host, request.hostAddress(), request.local())) {
            return "this page does not serve the host name \"" + host + "\": open it by the address in the log";
        }
        for (String origin : request.headers().getOrDefault("origin", List.of())) {
            if (!origin.toLowerCase(Locale.ROOT).equals(HTTP + host)) {
                return "the request comes from another site";
            }
        }
        String site = request.header("sec-fetch-site");
        boolean own = site.isEmpty() || site.equals("same-origin") || site.equals("none");
        boolean followedLink = !request.method().equals("POST")
                && request.header("sec-fetch-mode").equals("navigate")
                && request.header("sec-fetch-dest").equals("document");
        return own || followedLink ? null : "the request comes from another site";
    }

    /** Whether a Host header calls us by address. For others than this machine the address may have been translated on the way. */
    private boolean isOwnAddress(String host, @Nullable ListenAddress named, String local) {
        if (named == null) {
            return false;
        }
        if (remote) {
            return true;
        }
        int colon = local.lastIndexOf(':');
        if (colon < 0 || named.port() != Integer.parseInt(local.substring(colon + 1))) {
            return false;
        }
        InetAddress bound = literal(local.substring(0, colon));
        return bound != null
                && (Arrays.equals(bound.getAddress(), named.address())
                        || host.startsWith("localhost") && bound.isLoopbackAddress());
    }

    private static @Nullable InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException none) {
            return null;
        }
    }
}
