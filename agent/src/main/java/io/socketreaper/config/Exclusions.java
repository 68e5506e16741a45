package io.socketreaper.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules that name sockets which are counted but never released. Immutable; host names are never resolved. */
public final class Exclusions {
    public static final Exclusions NONE = new Exclusions(new ArrayList<>());

    private final List<ExclusionRule> rules;

    private Exclusions(List<ExclusionRule> rules) {
        this.rules = rules;
    }

    /**
     * Reads rules separated by {@code ;}, as docs/configuration.md describes them.
     *
     * @throws IllegalArgumentException whose message names every item that is not a rule, and why
     */
    static Exclusions parse(String text) {
        var rules = new ArrayList<ExclusionRule>();
        var wrong = new StringBuilder();
        int start = 0;
        while (start <= text.length()) {
            int end = text.indexOf(';', start);
            if (end < 0) {
                end = text.length();
            }
            String item = text.substring(start, end).trim();
            start = end + 1;
            if (item.isEmpty()) {
                continue;
            }
            try {
                rules.add(ExclusionRule.parse(item));
            } catch (IllegalArgumentException e) {
                wrong.append(wrong.length() == 0 ? "" : ", ")
                        .append("item ")
                        .append(Given.quote(item))
                        .append(" is not a rule because ")
                        .append(e.getMessage());
            }
        }
        if (wrong.length() > 0) {
            throw new IllegalArgumentException(wrong.toString());
        }
        return rules.isEmpty() ? NONE : new Exclusions(rules);
    }

    /** True if no socket is excluded. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /**
     * The text of the first rule that the socket matches, or null if it is not excluded. What is unknown matches no rule.
     *
     * @param localAddress 4 or 16 bytes, or null if unknown
     * @param localPort 1 to 65535, or anything else if unknown
     * @param remoteAddress 4 or 16 bytes, or null if unknown
     * @param remotePort 1 to 65535, or anything else if unknown
     * @param stackClassNames the classes on the stack that half-closed the socket, as {@link StackTraceElement#getClassName}
     *     names them; null if unknown
     */
    public @Nullable String match(
            byte @Nullable [] localAddress,
            int localPort,
            byte @Nullable [] remoteAddress,
            int remotePort,
            String @Nullable [] stackClassNames) {
        for (var rule : rules) {
            if (rule.matches(localAddress, localPort, remoteAddress, remotePort, stackClassNames)) {
                return rule.text();
            }
        }
        return null;
    }
}
