package io.socketreaper.leak;

/** What the agent knows of the code that lost a socket. */
public enum StackOrigin {
    /** The stack is that of the half-close. */
    HALF_CLOSED("half-closed by code without a Java stack"),
    /** The stack is that of the connect, accept or open. */
    OPENED("opened by code without a Java stack"),
    /** Opened when more sockets were being opened than stacks are sampled, or in one place more than are kept. */
    OPENED_NOT_SAMPLED("not sampled: sockets were opened too often, or at too many places"),
    /** Opened, and maybe half-closed, before the agent was loaded. */
    BEFORE_ATTACH("opened before the agent came");

    private final String withoutStack;

    StackOrigin(String withoutStack) {
        this.withoutStack = withoutStack;
    }

    /** What a report says in place of a stack. */
    public String withoutStack() {
        return withoutStack;
    }
}
