package io.socketreaper.report;

import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.leak.Blame;
import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.BlameKind;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.Snapshots;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketUse;
import io.socketreaper.model.TcpState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Set;

/** Leaks as a mail server would have them. */
public final class Leaks {
    public static final SocketSnapshot PEER_OPEN =
            Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, false, false, false, false);
    public static final SocketSnapshot PEER_CLOSED = Snapshots.halfClosed(TcpState.CLOSE, 6, true, false, false, false);
    public static final SocketSnapshot PEER_CLOSED_AND_NOTHING_UNREAD =
            Snapshots.halfClosed(TcpState.CLOSE, 0, true, false, false, false);
    public static final SocketSnapshot RESET = Snapshots.halfClosed(TcpState.CLOSE, 6, true, true, false, false);

    static final String HOLDER =
            "selector sun.nio.ch.EPollSelectorImpl@1b2c3d (last selected on about 7 s ago by thread \"loop\", "
                    + "which has ended)";

    private static final StackTraceElement[] STACK = {
        new StackTraceElement("sun.nio.ch.SocketChannelImpl", "shutdownOutput", "SocketChannelImpl.java", 1090),
        new StackTraceElement("com.example.smtp.Session", "reject", "Session.java", 41),
        new StackTraceElement("com.example.smtp.Session", "data", "Session.java", 17),
        new StackTraceElement("com.example.smtp.Server", "run", "Server.java", 99)
    };

    private static final StackTraceElement[] NO_STACK = {};

    private Leaks() {}

    /** A site of leaks whose line to blame is not known. */
    public static LeakSite site(String id, LeakKind kind, String location) {
        return new LeakSite(id, kind, location, NO_STACK, Blame.none("it is imaginary"), NO_STACK);
    }

    /** The site of a leak whose line to blame is not known. */
    public static LeakSite siteIn(LeakSites sites, LeakKind kind, StackOrigin stackOrigin, StackTraceElement[] stack) {
        return sites.of(kind, stackOrigin, stack, Blame.none("it is imaginary"), NO_STACK);
    }

    /** What {@link #STACK} shows. */
    private static Blame blame(SocketSnapshot snapshot, StackOrigin stackOrigin) {
        if (stackOrigin == StackOrigin.HALF_CLOSED) {
            return new Blame(BlameKind.HALF_CLOSE, 61_500, "smtp-7", STACK, "");
        }
        return snapshot.kind() == LeakKind.NEVER_CONNECTED
                ? new Blame(BlameKind.OPENING, 61_500, "", STACK, "")
                : Blame.none("it is imaginary");
    }

    public static Leak leak(SocketSnapshot snapshot) {
        return leak(
                site("0a1b2c3d", LeakKind.HALF_CLOSED, "com.example.smtp.Session.reject(Session.java:41)"), snapshot);
    }

    public static Leak leak(LeakSite site, SocketSnapshot snapshot) {
        return leak(site, snapshot, -1, new DescriptorCensus(0, 812, 1024, Set.of()));
    }

    public static Leak leak(LeakSite site, SocketSnapshot snapshot, long sinceReadMillis, DescriptorCensus census) {
        var endpoints = new Endpoints(address(10, 25), address(20, 40_123));
        return new Leak(
                site,
                LeakKind.HALF_CLOSED,
                grade(snapshot),
                endpoints,
                57,
                "socket:[4711]",
                snapshot,
                SocketUse.NONE,
                StackOrigin.HALF_CLOSED,
                61_500,
                90_000,
                60_000,
                sinceReadMillis,
                "smtp-7",
                STACK,
                EndOfInputRead.NONE,
                blame(snapshot, StackOrigin.HALF_CLOSED),
                NO_STACK,
                holder(snapshot),
                census);
    }

    /** One whose kind follows from what was seen. */
    public static Leak leak(SocketSnapshot snapshot, StackOrigin stackOrigin) {
        boolean stackKnown = stackOrigin == StackOrigin.HALF_CLOSED || stackOrigin == StackOrigin.OPENED;
        var site = site("0a1b2c3d", snapshot.kind(), "com.example.smtp.Session.reject(Session.java:41)");
        boolean connected = snapshot.hold() != SocketSnapshot.Holder.UNUSED && snapshot.tcpState() != TcpState.LISTEN;
        return new Leak(
                site,
                snapshot.kind(),
                grade(snapshot),
                new Endpoints(address(10, 25), connected ? address(20, 40_123) : null),
                57,
                "socket:[4711]",
                snapshot,
                SocketUse.NONE,
                stackOrigin,
                61_500,
                90_000,
                60_000,
                -1,
                stackOrigin == StackOrigin.HALF_CLOSED ? "smtp-7" : "",
                stackKnown ? STACK : new StackTraceElement[0],
                EndOfInputRead.NONE,
                blame(snapshot, stackOrigin),
                stackOrigin == StackOrigin.OPENED ? STACK : NO_STACK,
                holder(snapshot),
                new DescriptorCensus(0, 812, 1024, Set.of()));
    }

    /** The same between other ends. */
    static Leak between(Leak leak, Endpoints ends) {
        return copy(leak, leak.grade(), ends, leak.use(), leak.endOfInput(), leak.blame(), leak.opening());
    }

    /** The same of another use, which may make it doubtful, and of an end of input that was told. */
    static Leak used(Leak leak, SocketUse use, EndOfInputRead end) {
        Blame blame = end.stack().length == 0
                ? leak.blame()
                : new Blame(BlameKind.END_OF_INPUT, end.millisAgo(), end.thread(), end.stack(), "");
        Grade grade = new Evidence(leak.snapshot(), 0, 0, false).with(use).grade();
        return copy(leak, grade, leak.endpoints(), use, end, blame, leak.opening());
    }

    /** The same with another line to blame. */
    static Leak blamed(Leak leak, Blame blame, StackTraceElement[] opening) {
        return copy(leak, leak.grade(), leak.endpoints(), leak.use(), leak.endOfInput(), blame, opening);
    }

    private static Leak copy(
            Leak leak,
            Grade grade,
            Endpoints ends,
            SocketUse use,
            EndOfInputRead end,
            Blame blame,
            StackTraceElement[] opening) {
        return new Leak(
                leak.site(),
                leak.kind(),
                grade,
                ends,
                leak.descriptor(),
                leak.link(),
                leak.snapshot(),
                use,
                leak.stackOrigin(),
                leak.ageMillis(),
                leak.openMillis(),
                leak.idleMillis(),
                leak.sinceReadMillis(),
                leak.thread(),
                leak.stack(),
                end,
                blame,
                opening,
                leak.holder(),
                leak.census());
    }

    /** A read in the same server, 12.3 s ago. */
    static EndOfInputRead endOfInput() {
        return new EndOfInputRead(12_300, "smtp-8", new StackTraceElement[] {
            new StackTraceElement("sun.nio.ch.SocketChannelImpl", "read", "SocketChannelImpl.java", 410),
            new StackTraceElement("com.example.smtp.Session", "readLine", "Session.java", 77)
        });
    }

    private static Grade grade(SocketSnapshot snapshot) {
        return new Evidence(snapshot, 0, 0, false).grade();
    }

    private static String holder(SocketSnapshot snapshot) {
        return snapshot.hold() == SocketSnapshot.Holder.CLOSED ? HOLDER : "";
    }

    private static InetSocketAddress address(int lastByte, int port) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) lastByte}), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
