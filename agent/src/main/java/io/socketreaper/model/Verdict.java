package io.socketreaper.model;

/** What the evidence says. */
public sealed interface Verdict {
    /** Not a leak, or not one yet. */
    record Alive(Veto veto) implements Verdict {}

    /** A leak; the action of the settings may be taken. */
    record Leak() implements Verdict {}

    /** A leak that the settings exclude: counted and reported, never touched. */
    record Excluded() implements Verdict {}
}
