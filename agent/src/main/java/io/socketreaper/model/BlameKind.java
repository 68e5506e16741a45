package io.socketreaper.model;

import org.jspecify.annotations.Nullable;

/** What the line to blame for a leak has done. */
public enum BlameKind {
    /** A read returned the end of input there, and the socket was not closed. */
    END_OF_INPUT("end-of-input", "it read the end of input and did not close"),
    /** The output was shut there, and the socket was not closed. */
    HALF_CLOSE("half-close", "it shut the output"),
    /** The last read of the socket was there. */
    LAST_READ("last-read", "it read last"),
    /** The last write of the socket was there. */
    LAST_WRITE("last-write", "it wrote last"),
    /** A socket was opened there and neither connected nor bound. */
    OPENING("opening", "it opened the socket"),
    /** No line is known; a report says why. */
    NONE("none", "");

    private final String text;
    private final String deed;

    BlameKind(String text, String deed) {
        this.text = text;
        this.deed = deed;
    }

    /** What the line did, as a clause; empty if no line is known. */
    public String deed() {
        return deed;
    }

    /** Whether it is the last read or write. */
    public boolean isUse() {
        return this == LAST_READ || this == LAST_WRITE;
    }

    /** The kind of that word; null for a word of another version. */
    public static @Nullable BlameKind named(String text) {
        return EnumWord.find(values(), text);
    }

    /** The word of JSON lines, commands and documentation. */
    @Override
    public String toString() {
        return text;
    }
}
