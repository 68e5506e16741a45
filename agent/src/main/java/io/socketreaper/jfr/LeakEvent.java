package io.socketreaper.jfr;

import io.socketreaper.leak.EndOfInputRead;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.report.ReportText;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.socketreaper.Leak")
@Label("Socket Leak")
@Description("A socket was found to be leaked")
final class LeakEvent extends FoundEvent {
    @Label("Link")
    @Description("What the descriptor refers to, socket:[inode]")
    @Nullable
    String link;

    @Label("Reset")
    @Description("Whether the connection has ended with an error, such as a reset by the peer")
    boolean reset;

    @Label("Idle")
    @Description("Since the last activity of application or network")
    @Timespan(Timespan.MILLISECONDS)
    long idle;

    @Label("Since Read")
    @Description("Since the last read on the half-closed socket; not available if there was none")
    @Timespan(Timespan.MILLISECONDS)
    long sinceRead;

    @Label("Doubt")
    @Description("What a release may lose; empty unless the grade is doubtful")
    @Nullable
    String doubt;

    @Label("Peer Answer")
    @Description("What the peer has answered to a probe: not asked, asked, answers, silent, gone or unknown")
    @Nullable
    String peerAnswer;

    @Label("Plaintext")
    @Description("Bytes that TLS has decrypted and the application has not read")
    @DataAmount
    long plaintext;

    @Label("Since End of Input")
    @Description("Since the application read the end of input; not available if no such read is known")
    @Timespan(Timespan.MILLISECONDS)
    long sinceEndOfInput;

    @Label("End of Input Thread")
    @Description("Thread of that read; empty if unknown")
    @Nullable
    String endOfInputThread;

    @Label("End of Input Stack")
    @Description("Stack of that read, one frame a line, innermost first; empty if it was not sampled")
    @Nullable
    String endOfInputStack;

    @Label("Blame")
    @Description("What the line to blame has done: end-of-input, half-close, last-read, last-write, opening or none")
    @Nullable
    String blame;

    @Label("Opening Stack")
    @Description("Stack of the opening, one frame a line, innermost first; empty if unknown")
    @Nullable
    String openingStack;

    @Label("Opened At")
    @Description("Line that opened the socket, Class.method(File:line); empty if unknown")
    @Nullable
    String openedAt;

    @Label("Holder")
    @Description(
            "Of a closed socket: what keeps its descriptor. Of an open one: the selector of its key, if no thread selects on it. "
                    + "Empty if neither is known")
    @Nullable
    String holder;

    @Label("Open Descriptors")
    @Description("Of the process, a second ago at most; -1 if unknown")
    int openDescriptors;

    @Label("Descriptor Limit")
    @Description("How many the process may have open; -1 if there is no limit or it is unknown")
    long descriptorLimit;

    void of(Leak leak, int depth) {
        describe(leak, depth);
        link = leak.link();
        reset = leak.snapshot().reset();
        idle = leak.idleMillis();
        sinceRead = leak.sinceReadMillis() < 0 ? UNKNOWN : leak.sinceReadMillis();
        doubt = ReportText.doubt(leak);
        peerAnswer = leak.use().peer().toString();
        plaintext = leak.snapshot().plaintext();
        EndOfInputRead end = leak.endOfInput();
        sinceEndOfInput = end.isKnown() ? end.millisAgo() : UNKNOWN;
        endOfInputThread = end.thread();
        endOfInputStack = frames(end.stack(), depth);
        blame = leak.blame().kind().toString();
        openingStack = frames(leak.opening(), depth);
        openedAt = LeakSites.location(leak.opening());
        holder = leak.holder();
        openDescriptors = leak.census().open();
        descriptorLimit = leak.census().limit();
    }
}
