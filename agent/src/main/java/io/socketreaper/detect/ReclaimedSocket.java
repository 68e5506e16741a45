package io.socketreaper.detect;

import io.socketreaper.leak.LastUse;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.release.LeakCandidate;
import io.socketreaper.stack.SocketHandle;

/**
 * A socket that the JDK has closed because its object was collected. It was lost, although there is no descriptor to release.
 *
 * @param open    what was known of it while it was open
 * @param foundAt nano time at which it was found gone
 */
record ReclaimedSocket(OpenSocket open, long foundAt) implements LeakCandidate {
    @Override
    public SocketHandle socket() {
        return open.socket();
    }

    @Override
    public long signAt() {
        return foundAt;
    }

    @Override
    public long openedAt() {
        return open.knownSince(foundAt);
    }

    @Override
    public StackOrigin stackOrigin() {
        return open.origin.stackOrigin();
    }

    @Override
    public String signThread() {
        return open.origin.thread();
    }

    @Override
    public StackTraceElement[] originStack() {
        return open.origin.stack();
    }

    @Override
    public void shareStack(StackTraceElement[] same) {
        open.origin.shareStack(same);
    }

    @Override
    public boolean countsAt(LeakSite site) {
        return true;
    }

    @Override
    public long lastActivity() {
        return foundAt;
    }

    @Override
    public long millisSinceRead(long now) {
        return -1;
    }

    @Override
    public long millisSinceEndOfInput(long now) {
        return open.end().millisSince(now);
    }

    @Override
    public StackTraceElement[] endOfInputStack() {
        return open.end().stack();
    }

    @Override
    public String endOfInputThread() {
        return open.end().thread();
    }

    @Override
    public boolean isEndOfInputLast() {
        return open.end() != EndOfInput.NOT_TOLD;
    }

    @Override
    public LastUse lastUse(long now) {
        return open.lastUse(now);
    }

    @Override
    public StackTraceElement[] openingStack() {
        return originStack();
    }
}
