package io.socketreaper.jmx;

import io.socketreaper.control.SocketInfo;

/** One socket that shows a sign. */
public final class SocketData {
    private final SocketInfo info;

    SocketData(SocketInfo info) {
        this.info = info;
    }

    @Description("its id as long as the agent runs")
    public long getId() {
        return info.id();
    }

    @Description("id of its leak site; empty while it is no leak")
    public String getSite() {
        return info.site();
    }

    @Description("kind of leak that it is or would be; empty before the first look")
    public String getKind() {
        return info.kind();
    }

    @Description("grade: proven, strong, weak or doubtful; empty before the first look")
    public String getGrade() {
        return info.grade();
    }

    @Description("suspect, leak or releasing")
    public String getPhase() {
        return info.phase();
    }

    @Description("our end, host:port; empty if unknown")
    public String getLocal() {
        return info.local();
    }

    @Description("the other end, host:port; empty if unknown")
    public String getPeer() {
        return info.peer();
    }

    @Description("number of its descriptor, -1 if unknown")
    public int getDescriptor() {
        return info.descriptor();
    }

    @Description("the kernel's number of the socket, 0 if unknown")
    public long getInode() {
        return info.inode();
    }

    @Description("TCP state as the kernel names it; UNKNOWN if it has none")
    public String getTcpState() {
        return info.tcpState();
    }

    @Description(value = "in the receive queue at the last look", unit = "bytes")
    public int getUnreadBytes() {
        return info.unreadBytes();
    }

    @Description("whether the peer has ended its side")
    public boolean isEndOfInput() {
        return info.endOfInput();
    }

    @Description(value = "since it showed a sign", unit = "ms")
    public long getAge() {
        return info.ageMillis();
    }

    @Description(value = "since the last activity of application or network", unit = "ms")
    public long getIdle() {
        return info.idleMillis();
    }

    @Description(value = "how long it must be idle to be a leak, 0 before the first look", unit = "ms")
    public long getTimeout() {
        return info.timeoutMillis();
    }

    @Description("the line of code to blame, before it is a leak that of the half-close or opening; empty if unknown")
    public String getLocation() {
        return info.location();
    }
}
