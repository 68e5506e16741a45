package io.socketreaper.model;

import org.jspecify.annotations.Nullable;

/**
 * What the evidence says about a socket.
 *
 * @param veto     why it is alive; null if it is a leak
 * @param excluded whether an exclusion of the settings matches the leak: it is counted and reported, never touched
 */
public record Verdict(@Nullable Veto veto, boolean excluded) {
    static final Verdict LEAK = new Verdict(null, false);
    static final Verdict EXCLUDED = new Verdict(null, true);

    static Verdict alive(Veto veto) {
        return new Verdict(veto, false);
    }

    /** Whether it is no leak, or not one yet. */
    public boolean isAlive() {
        return veto != null;
    }

    /** Whether it is a leak about which the action of the settings may be taken. */
    public boolean isLeak() {
        return veto == null && !excluded;
    }
}
