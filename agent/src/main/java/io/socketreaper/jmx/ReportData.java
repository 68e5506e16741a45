package io.socketreaper.jmx;

import io.socketreaper.control.History;

/** What became of a leak. */
public final class ReportData {
    private final History.Event info;

    ReportData(History.Event info) {
        this.info = info;
    }

    @About(value = "when it was reported", unit = "ms since 1970")
    public long getTime() {
        return info.atMillis();
    }

    @About("id of its leak site")
    public String getSite() {
        return info.site();
    }

    @About("kind of leak")
    public String getKind() {
        return info.kind();
    }

    @About("proven, strong, weak or doubtful")
    public String getGrade() {
        return info.grade();
    }

    @About("our end, host:port")
    public String getLocal() {
        return info.local();
    }

    @About("the other end, host:port")
    public String getPeer() {
        return info.peer();
    }

    @About("number of its descriptor")
    public int getDescriptor() {
        return info.descriptor();
    }

    @About("logged, excluded, spared, drained, closed, closed-by-application, still-held, given-up or released-after-all")
    public String getOutcome() {
        return info.what();
    }

    @About("the same in a sentence")
    public String getDone() {
        return info.done();
    }

    @About("what the peer saw, in words; empty if there is none")
    public String getPeerOutcome() {
        return info.peerOutcome();
    }

    @About(value = "bytes that were read and discarded", unit = "bytes")
    public long getDrainedBytes() {
        return info.drainedBytes();
    }

    @About(value = "from the claim to the end, -1 where nothing was claimed", unit = "ms")
    public long getTook() {
        return info.tookMillis();
    }
}
