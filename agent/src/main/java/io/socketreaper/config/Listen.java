package io.socketreaper.config;

import org.jspecify.annotations.Nullable;

/** Where something listens, or {@code none}, the default, which keeps it off. */
final class Listen extends Setting<ListenAddress> {
    Listen(String name, String doc) {
        super(name, NONE, doc);
    }

    @Override
    @Nullable
    ListenAddress parse(String text) {
        return text.equals(NONE) ? null : ListenAddress.parse(text);
    }

    @Override
    String unit() {
        return "address and port";
    }

    @Override
    String range() {
        return "an IPv4 address, an IPv6 address in brackets or `localhost`, a colon and a port; port 0 is any that is free";
    }

    @Override
    String forms() {
        return "127.0.0.1:9404, localhost:9404, [::1]:9404, or " + NONE;
    }
}
