package io.socketreaper.owner.relocated.apache.mina.core.session;

/** What a relocated MINA's interface looks like to the agent. */
public interface IoSession {
    Object closeNow();

    default IoFilterChain getFilterChain() {
        return cause -> {};
    }

    /** The same of another interface. */
    @FunctionalInterface
    interface IoFilterChain {
        void fireExceptionCaught(Throwable cause);
    }
}
