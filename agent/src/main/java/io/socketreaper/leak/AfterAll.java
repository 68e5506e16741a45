package io.socketreaper.leak;

/** How a leak that was only reported has come to its end without the agent. */
public enum AfterAll {
    /** The application has closed the socket. */
    CLOSED("the application has closed it after all", "was closed by the application"),
    /** The application has read or written it again. */
    USED("it is in use again", "is in use again"),
    /** The application has dropped it, and the JDK has closed its descriptor when the object was collected. */
    COLLECTED(
            "the JDK has closed it: the application had dropped it",
            "was closed by the JDK when its object was collected");

    private final String done;
    private final String predicate;

    AfterAll(String done, String predicate) {
        this.done = done;
        this.predicate = predicate;
    }

    /** What has happened, as a sentence about {@code it}. */
    public String done() {
        return done;
    }

    /** The same without its subject. */
    public String predicate() {
        return predicate;
    }

    /** Whether the application has come back for the socket. */
    public boolean cameBack() {
        return this != COLLECTED;
    }
}
