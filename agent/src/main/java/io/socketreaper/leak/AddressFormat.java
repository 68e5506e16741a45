package io.socketreaper.leak;

import io.socketreaper.model.Endpoints;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How reports name the ends of a connection: as they are, or hosts by pseudonyms that hold for this run. Any thread. */
public final class AddressFormat {
    /** Bounds the memory; later hosts share one name. */
    static final int MOST_HOSTS = 10_000;

    /** Null if addresses are not masked; guarded by this. */
    private final @Nullable Map<InetAddress, String> pseudonyms;

    public AddressFormat(boolean masked) {
        this.pseudonyms = masked ? new HashMap<>() : null;
    }

    /** Both ends, and which is ours. */
    public String of(Endpoints endpoints) {
        return "local " + of(endpoints.local()) + ", peer " + of(endpoints.remote());
    }

    /** Host and port. What names no other host is never masked: loopback and wildcard, paths of unix-domain sockets. */
    public String of(@Nullable SocketAddress address) {
        if (pseudonyms == null
                || !(address instanceof InetSocketAddress inet)
                || inet.getAddress() == null
                || inet.getAddress().isLoopbackAddress()
                || inet.getAddress().isAnyLocalAddress()) {
            return Endpoints.text(address);
        }
        return pseudonym(inet.getAddress()) + ":" + inet.getPort();
    }

    /** A rule of {@code exclude}: its address is masked, its port is not. */
    public String ofRule(String rule) {
        int colon = rule.indexOf(':');
        if (pseudonyms == null || rule.startsWith("stack:") || rule.startsWith(":", colon + 1)) {
            return rule;
        }
        int port = rule.indexOf(':', Math.max(rule.indexOf(']'), colon) + 1);
        return rule.substring(0, colon + 1) + "(masked)" + (port < 0 ? "" : rule.substring(port));
    }

    private synchronized String pseudonym(InetAddress host) {
        Map<InetAddress, String> pseudonyms = Objects.requireNonNull(this.pseudonyms);
        String known = pseudonyms.get(host);
        if (known != null) {
            return known;
        }
        if (pseudonyms.size() == MOST_HOSTS) {
            return "host-other";
        }
        String made = "host-" + (pseudonyms.size() + 1);
        pseudonyms.put(host, made);
        return made;
    }
}
