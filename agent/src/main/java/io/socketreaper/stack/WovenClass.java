package io.socketreaper.stack;

import org.jspecify.annotations.Nullable;

/** One class in the table of a stack. */
public final class WovenClass {
    private final String name;
    private boolean tellsOfUse;
    private @Nullable String unnoticed;

    WovenClass(String name) {
        this.name = name;
    }

    /** Its loading tells that the application uses the stack, or soon will. Returns this. */
    public WovenClass tellsOfUse() {
        tellsOfUse = true;
        return this;
    }

    /**
     * Lets the stack be watched even if the internals of this class are unknown. Returns this.
     *
     * @param missed what the agent may then not notice
     */
    public WovenClass unlessUnknown(String missed) {
        unnoticed = missed;
        return this;
    }

    /** Its internal name, or the end of it for a class of an application's loader. */
    public String name() {
        return name;
    }

    /** Whether its loading tells that the application uses the stack, or soon will. */
    public boolean isSignOfUse() {
        return tellsOfUse;
    }

    /** What the agent may not notice without it; null if the stack is not watched without it. */
    public @Nullable String unnoticed() {
        return unnoticed;
    }
}
