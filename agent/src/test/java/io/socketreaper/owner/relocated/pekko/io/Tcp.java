package io.socketreaper.owner.relocated.pekko.io;

/** The words that the agent says, named as Scala names its objects. */
public final class Tcp {
    private Tcp() {}

    /** Read on. */
    public static final class ResumeReading$ {
        public static final ResumeReading$ MODULE$ = new ResumeReading$();
    }

    /** Close at once. */
    public static final class Abort$ {
        public static final Abort$ MODULE$ = new Abort$();
    }
}
