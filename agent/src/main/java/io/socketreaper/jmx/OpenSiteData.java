package io.socketreaper.jmx;

import io.socketreaper.control.OpenSiteInfo;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A line of code that opens sockets, or selectors and the like, and those of them that are open. */
public final class OpenSiteData {
    private final OpenSiteInfo info;

    OpenSiteData(OpenSiteInfo info) {
        this.info = info;
    }

    @Description(
            "eight hex digits, the same in every run of the same code; not-sampled, before-attach or other for sockets"
                    + " without one")
    public String getId() {
        return info.id();
    }

    @Description("the line of code that opened them")
    public String getLocation() {
        return info.location();
    }

    @Description(value = "listening port of accepted sockets, -1 of others", unit = "port")
    public int getPort() {
        return info.port();
    }

    @Description("of its first socket, innermost frame first")
    public String[] getStack() {
        return info.stack().toArray(new String[0]);
    }

    @Description(value = "open sockets, selectors and the like", unit = "sockets")
    public int getOpen() {
        return info.open();
    }

    @Description(
            value = "open sockets by TCP state, selectors and the like by a word; the most frequent first",
            unit = "sockets")
    public Map<String, Integer> getStates() {
        return info.states();
    }

    @Description(value = "where most of them are connected to; none of accepted sockets", unit = "sockets")
    public Map<String, Integer> getPeers() {
        return info.peers();
    }

    @Description(value = "for how long the youngest has been open", unit = "ms")
    public long getYoungest() {
        return info.youngestMillis();
    }

    @Description(value = "the same of the one in the middle", unit = "ms")
    public long getMedian() {
        return info.medianMillis();
    }

    @Description(value = "the same of the oldest", unit = "ms")
    public long getOldest() {
        return info.oldestMillis();
    }

    @Description(value = "sockets opened here so far; without those closed within half a second", unit = "sockets")
    public long getOpened() {
        return info.opened();
    }

    @Description(value = "of these: in the last minute; null if it is not known that long", unit = "sockets")
    public @Nullable Integer getOpenedPerMinute() {
        return info.openedPerMinute();
    }

    @Description(value = "closed in the last minute; null if it is not known that long", unit = "sockets")
    public @Nullable Integer getClosedPerMinute() {
        return info.closedPerMinute();
    }

    @Description(
            value = "how many more are open than a minute ago; null if it is not known that long",
            unit = "sockets")
    public @Nullable Integer getGrowth1() {
        return info.growth1();
    }

    @Description(value = "the same for ten minutes", unit = "sockets")
    public @Nullable Integer getGrowth10() {
        return info.growth10();
    }

    @Description(value = "the same for an hour", unit = "sockets")
    public @Nullable Integer getGrowth60() {
        return info.growth60();
    }

    @Description("whether they pile up, see docs/open.md")
    public boolean isGrowing() {
        return info.growing();
    }

    @Description(value = "by how many, 0 if they do not pile up", unit = "sockets/min")
    public double getGrowingPerMinute() {
        return info.growingPerMinute();
    }

    @Description(
            value = "when the limit of descriptors is reached if it goes on like this, -1 if that is not known",
            unit = "ms")
    public long getLimitIn() {
        return info.limitInMillis();
    }
}
