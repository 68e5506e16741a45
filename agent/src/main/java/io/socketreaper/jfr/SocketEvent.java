package io.socketreaper.jfr;

import io.socketreaper.leak.LeakSites;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Registered;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** What all events about one socket have. Their own stack would be the reaper thread's; the application's comes as text. */
@Category("Socket Reaper")
@StackTrace(false)
@Registered(false)
abstract class SocketEvent extends Event {
    /** An unknown duration, in the encoding of Flight Recorder. */
    static final long UNKNOWN = Long.MIN_VALUE;

    @Label("Kind")
    @Description("Kind of leak that it is, or would be if it stays idle")
    @Nullable
    String kind;

    @Label("Grade")
    @Description("Grade: proven, strong, weak or doubtful")
    @Nullable
    String grade;

    @Label("Local Address")
    @Description("Our end, host:port")
    @Nullable
    String local;

    @Label("Peer Address")
    @Description("The other end, host:port")
    @Nullable
    String peer;

    @Label("Descriptor")
    @Description("Number of the socket's descriptor, -1 if unknown")
    int descriptor;

    @Label("TCP State")
    @Description("State as the kernel names it; UNKNOWN if it has none")
    @Nullable
    String tcpState;

    @Label("Unread")
    @Description("Bytes in the receive queue at the last look")
    @DataAmount
    long unreadBytes;

    @Label("End of Input")
    @Description("Whether the peer has ended its side")
    boolean endOfInput;

    @Label("Age")
    @Description("Since the half-close, else since another sign was found")
    @Timespan(Timespan.MILLISECONDS)
    long age;

    @Label("Open For")
    @Description("Since it was opened, or first seen by the agent")
    @Timespan(Timespan.MILLISECONDS)
    long open;

    @Label("Location")
    @Description("The first stack frame that is neither the JDK's nor a framework's; if there is none, the reason")
    @Nullable
    String location;

    @Label("Code Stack")
    @Description(
            "Stack of the line to blame, else of the half-close, else of the opening, one frame a line, innermost first; empty if none is known")
    @Nullable
    String codeStack;

    @Label("Code Thread")
    @Description("Thread of that stack; empty if it is that of the opening, or not known")
    @Nullable
    String codeThread;

    final void setSnapshot(SocketSnapshot snapshot, Endpoints endpoints, int number) {
        local = Endpoints.text(endpoints.local());
        peer = Endpoints.text(endpoints.remote());
        descriptor = number;
        tcpState = snapshot.tcpState().toString();
        unreadBytes = snapshot.unreadBytes();
        endOfInput = snapshot.endOfInput();
    }

    final void setCode(StackTraceElement[] stack, String thread, String withoutStack, int depth) {
        location = stack.length == 0 ? withoutStack : LeakSites.location(stack);
        codeThread = thread;
        codeStack = frames(stack, depth);
    }

    static String frames(StackTraceElement[] stack, int depth) {
        var frames = new StringBuilder();
        for (int i = 0; i < stack.length && i < depth; i++) {
            frames.append(i == 0 ? "" : "\n").append(stack[i]);
        }
        return frames.toString();
    }
}
