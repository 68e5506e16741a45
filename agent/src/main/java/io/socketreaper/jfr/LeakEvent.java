package io.socketreaper.jfr;

import io.socketreaper.report.Leak;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

@Name("io.socketreaper.Leak")
@Label("Socket Leak")
@Description("A leaked socket, at the moment that it is known to be one")
final class LeakEvent extends FoundEvent {
    @Label("Link")
    @Description("What the descriptor refers to, socket:[inode]")
    String link;

    @Label("Reset")
    @Description("Whether the connection has ended by an error, such as the peer's reset")
    boolean reset;

    @Label("Idle")
    @Description("Since the last activity of application or network")
    @Timespan(Timespan.MILLISECONDS)
    long idle;

    @Label("Since Read")
    @Description("Since the last read on the half-closed socket; not available if there was none")
    @Timespan(Timespan.MILLISECONDS)
    long sinceRead;

    @Label("Holder")
    @Description("What keeps the descriptor of a closed socket, or the selector that will tell nobody what the keys of an open one "
            + "ask for; empty if neither is known")
    String holder;

    @Label("Open Descriptors")
    @Description("Of the process, a second ago at most; -1 if unknown")
    int openDescriptors;

    @Label("Descriptor Limit")
    @Description("How many the process may have open; -1 if there is no limit or it is unknown")
    long descriptorLimit;

    void of(Leak leak, int depth) {
        about(leak, depth);
        link = leak.link();
        reset = leak.sighting().reset();
        idle = leak.idleMillis();
        sinceRead = leak.sinceReadMillis() < 0 ? UNKNOWN : leak.sinceReadMillis();
        holder = leak.holder();
        openDescriptors = leak.census().open();
        descriptorLimit = leak.census().limit();
    }
}
