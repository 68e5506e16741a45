package io.socketreaper.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One row of the table in {@link Settings}: everything that parsing, problems, the start line and the documentation need. */
abstract class Setting<T> {
    /** Written by the operator to say "no value", also over a weaker source that has one. */
    static final String NONE = "none";

    final String name;
    final String defaultText;
    /** One sentence. */
    final String doc;

    private boolean fixed;

    Setting(String name, String defaultText, String doc) {
        this.name = name;
        this.defaultText = defaultText;
        this.doc = doc;
    }

    /**
     * The value that {@code text}, trimmed, stands for; null means "none".
     *
     * @throws IllegalArgumentException whose message says in a clause what is wrong with the text
     */
    abstract @Nullable T parse(String text);

    /** What kind of value it is, in a word or two. */
    abstract String unit();

    /** Which values are valid, for the table in the documentation. */
    abstract String range();

    /** Completes the sentence "write ..." of a problem. */
    abstract String forms();

    /** Declares that it holds from the start to the end of the agent. */
    final Setting<T> fixed() {
        fixed = true;
        return this;
    }

    /** Whether it cannot be changed while the agent runs. */
    final boolean isFixed() {
        return fixed;
    }

    String systemProperty() {
        return "socketreaper." + name;
    }

    String environmentVariable() {
        return "SOCKETREAPER_" + name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    }
}
