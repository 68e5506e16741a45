package io.socketreaper.jmx;

import io.socketreaper.control.ReleaseAnswer;

/** The result of a request for release. */
public final class AnswerData {
    private final ReleaseAnswer info;

    AnswerData(ReleaseAnswer info) {
        this.info = info;
    }

    @Description(value = "sockets whose release has begun; the log says how each ended", unit = "sockets")
    public int getBegun() {
        return info.begun();
    }

    @Description(
            value =
                    "sockets that were not touched because of a veto or an exclusion, or because they could not be claimed",
            unit = "sockets")
    public int getSpared() {
        return info.spared();
    }

    @Description(value = "sockets that are suspects and no leaks yet", unit = "sockets")
    public int getNotYet() {
        return info.notYet();
    }

    @Description(
            value = "leaks that were not touched because their release may lose data, which the request did not allow",
            unit = "sockets")
    public int getDoubtful() {
        return info.doubtful();
    }
}
