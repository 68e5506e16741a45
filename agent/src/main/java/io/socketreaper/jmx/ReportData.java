package io.socketreaper.jmx;

import io.socketreaper.control.History;

/** What became of a leak. */
public final class ReportData {
    private final History.Event info;

    ReportData(History.Event info) {
        this.info = info;
    }

    @Description(value = "when it was reported", unit = "ms since 1970")
    public long getTime() {
        return info.atMillis();
    }

    @Description("id of its leak site")
    public String getSite() {
        return info.site();
    }

    @Description("kind of leak")
    public String getKind() {
        return info.kind();
    }

    @Description("proven, strong, weak or doubtful")
    public String getGrade() {
        return info.grade();
    }

    @Description("our end, host:port")
    public String getLocal() {
        return info.local();
    }

    @Description("the other end, host:port")
    public String getPeer() {
        return info.peer();
    }

    @Description("number of its descriptor")
    public int getDescriptor() {
        return info.descriptor();
    }

    @Description(
            "logged, excluded, spared, drained, closed, closed-by-application, still-held, given-up or released-after-all")
    public String getOutcome() {
        return info.what();
    }

    @Description("the same in a sentence")
    public String getDone() {
        return info.done();
    }

    @Description("what the peer saw, in words; empty if there is no peer")
    public String getPeerOutcome() {
        return info.peerOutcome();
    }

    @Description(value = "bytes that were read and discarded", unit = "bytes")
    public long getDrainedBytes() {
        return info.drainedBytes();
    }

    @Description(value = "from the claim to the end, -1 if the socket was not claimed", unit = "ms")
    public long getTook() {
        return info.tookMillis();
    }
}
