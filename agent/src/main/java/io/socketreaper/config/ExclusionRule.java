package io.socketreaper.config;

import org.jspecify.annotations.Nullable;

/**
 * One item of {@code exclude}: an end of the connection, or a class-name pattern.
 *
 * @param text the item as the operator wrote it
 * @param remote whether {@code block} and {@code port} are about the peer
 * @param block the addresses, or null for any
 * @param port the port, or 0 for any
 * @param pattern a class name in which {@code *} stands for any characters; null for a rule about an end
 */
record ExclusionRule(
        String text,
        boolean remote,
        @Nullable AddressBlock block,
        int port,
        @Nullable String pattern) {
    private static final String REMOTE = "remote:";
    private static final String LOCAL = "local:";
    private static final String STACK = "stack:";
    private static final int MAX_PORT = 65_535;

    /** Reads one trimmed item; the message of the {@link IllegalArgumentException} completes "it is not a rule because". */
    static ExclusionRule parse(String item) {
        if (item.startsWith(REMOTE)) {
            return end(item, true, item.substring(REMOTE.length()));
        }
        if (item.startsWith(LOCAL)) {
            return end(item, false, item.substring(LOCAL.length()));
        }
        if (item.startsWith(STACK)) {
            return new ExclusionRule(item, false, null, 0, pattern(item.substring(STACK.length())));
        }
        throw new IllegalArgumentException("it does not start with " + REMOTE + " or " + LOCAL + " or " + STACK);
    }

    boolean matches(
            byte @Nullable [] localAddress,
            int localPort,
            byte @Nullable [] remoteAddress,
            int remotePort,
            String @Nullable [] classNames) {
        if (pattern != null) {
            return matchesAny(pattern, classNames);
        }
        int actualPort = remote ? remotePort : localPort;
        return (port == 0 || port == actualPort)
                && (block == null || block.contains(remote ? remoteAddress : localAddress));
    }

    /** {@code ADDR[/BITS][:PORT]} or {@code :PORT}, an IPv6 ADDR in brackets. */
    private static ExclusionRule end(String item, boolean remote, String where) {
        int bracket = where.indexOf(']');
        int colon = where.indexOf(':', bracket + 1);
        if (bracket < 0 && colon >= 0 && where.indexOf(':', colon + 1) >= 0) {
            throw new IllegalArgumentException("an IPv6 address needs brackets");
        }
        String addresses = colon < 0 ? where : where.substring(0, colon);
        if (addresses.isEmpty() && colon < 0) {
            throw new IllegalArgumentException("it names neither an address nor a port");
        }
        var block = addresses.isEmpty() ? null : AddressBlock.parse(addresses);
        int port = colon < 0 ? 0 : port(where.substring(colon + 1));
        return new ExclusionRule(item, remote, block, port, null);
    }

    private static int port(String text) {
        int port = AddressBlock.number(text, MAX_PORT);
        if (port < 1) {
            throw new IllegalArgumentException("its port is not a number from 1 to " + MAX_PORT);
        }
        return port;
    }

    private static String pattern(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("it names no class");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean inName = Character.isJavaIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
            if (!inName && c != '.' && c != '*' && c != '-') {
                throw new IllegalArgumentException("a class name has no " + Given.quote(String.valueOf(c)));
            }
        }
        return text;
    }

    private static boolean matchesAny(String pattern, String @Nullable [] classNames) {
        if (classNames != null) {
            for (String className : classNames) {
                if (className != null && matchesName(pattern, className)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** On a mismatch, lets the last star take one character more: earlier stars never need to take more than they did. */
    private static boolean matchesName(String pattern, String name) {
        int at = 0;
        int inPattern = 0;
        int afterStar = -1;
        int retryAt = 0;
        while (at < name.length()) {
            if (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
                afterStar = ++inPattern;
                retryAt = at;
            } else if (inPattern < pattern.length() && pattern.charAt(inPattern) == name.charAt(at)) {
                inPattern++;
                at++;
            } else if (afterStar >= 0) {
                inPattern = afterStar;
                at = ++retryAt;
            } else {
                return false;
            }
        }
        while (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
            inPattern++;
        }
        return inPattern == pattern.length();
    }
}
