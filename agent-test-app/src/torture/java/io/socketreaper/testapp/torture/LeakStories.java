package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Step.Close;
import io.socketreaper.testapp.torture.Step.End;
import io.socketreaper.testapp.torture.Step.HalfClose;
import io.socketreaper.testapp.torture.Step.Leak;
import io.socketreaper.testapp.torture.Step.Listen;
import io.socketreaper.testapp.torture.Step.Loss;
import io.socketreaper.testapp.torture.Step.Receive;
import io.socketreaper.testapp.torture.Step.Reset;
import io.socketreaper.testapp.torture.Step.Send;

/** The stories of an application that leaks its connection. */
final class LeakStories {
    private static final int FAREWELL = 6;
    /** So many bytes the peer can send although the application does not read. */
    private static final int IN_ONE_BUFFER = 60_000;
    /** In so many pieces: each takes a kilobyte more of the 208 KiB that a unix-domain socket may have under way. */
    static final int PIECES = 100;

    private final PlanBuilder script;

    LeakStories(PlanBuilder script) {
        this.script = script;
    }

    Plan tell() {
        return switch (script.random.nextInt(10)) {
            case 0, 1 -> halfClosed(true);
            case 2 -> halfClosed(false);
            case 3 -> silent();
            case 4 -> consumed();
            case 5 -> inFlight();
            case 6 -> peerClosed();
            case 7 -> unfinished();
            case 8 -> peerReset();
            default -> closedOnDeadSelector();
        };
    }

    /**
     * The original bug: the application half-closes after its last answer, the peer sends more, and the application does not read
     * it.
     */
    private Plan halfClosed(boolean peerCloses) {
        conversation();
        script.app(new HalfClose());
        script.peer(new End());
        if (script.stack.canHalfClose()) {
            script.peer(new Send(FAREWELL, FAREWELL, 0));
        }
        if (peerCloses) {
            script.peer(new Close());
        } else {
            script.peer(new Listen());
        }
        return leak(peerCloses ? "leak-half-closed" : "leak-half-closed-open", ExpectedRelease.BY_ACTION);
    }

    private Plan silent() {
        script.only(Stack::canHalfClose);
        conversation();
        script.app(new HalfClose());
        script.peer(new End(), new Listen());
        return leak("leak-silent", ExpectedRelease.BY_ACTION_IF_SILENT_IS_SHORT);
    }

    /** The application has read on after its half-close, and then stopped. */
    private Plan consumed() {
        script.only(stack -> stack.canHalfClose() && !stack.isTls());
        conversation();
        int bytes = script.between(20_000, 60_000);
        script.app(new HalfClose(), new Receive(bytes / 2, bytes / 8, Math.min(200, script.conditions.timeout() / 2)));
        script.peer(new End(), new Send(bytes, bytes, 0), new Close());
        return leak("leak-consumed", ExpectedRelease.BY_DOUBTFUL);
    }

    /** The last answer is still in flight when the socket is leaked. */
    private Plan inFlight() {
        script.only(Stack::canHalfClose);
        conversation();
        int bytes = script.bytes();
        script.window = 16 * 1024;
        script.app(new Send(bytes, script.piece(), 0), new HalfClose());
        int piece = script.piece();
        script.peer(
                new Receive(bytes, piece, script.rest(bytes, piece)),
                new End(),
                new Send(FAREWELL, FAREWELL, 0),
                new Close());
        return leak("leak-in-flight", ExpectedRelease.BY_ACTION);
    }

    /** The peer has closed; the application has read some of what was sent, all of it, or its end, too. */
    private Plan peerClosed() {
        conversation();
        int piece = script.piece();
        int bytes = Math.min(script.between(1, IN_ONE_BUFFER), piece * PlanBuilder.READS);
        script.peer(new Send(bytes, Math.max(script.piece(), bytes / PIECES + 1), 0), new Close());
        int read = script.random.nextInt(3);
        script.app(new Receive(read == 0 ? script.between(1, bytes) : bytes, piece, 0));
        if (read == 2) {
            script.app(new End());
        }
        return leak(
                read == 2 ? "leak-end-read" : "leak-peer-closed",
                script.stack.isUnix() ? ExpectedRelease.NEVER : ExpectedRelease.BY_DOUBTFUL_IF_ALL_ARE_TRACKED);
    }

    /** The peer waits for an answer that will never be complete: a release must not look like its end. */
    private Plan unfinished() {
        conversation();
        boolean half = script.stack.canHalfClose() && script.random.nextBoolean();
        int bytes = script.bytes();
        script.app(new Send(bytes, script.piece(), 0));
        script.peer(new Receive(bytes, script.piece(), 0));
        if (half) {
            script.peer(new HalfClose());
        }
        script.peer(new Listen());
        return leak(
                "leak-unfinished",
                half && !script.stack.isUnix()
                        ? ExpectedRelease.BY_DOUBTFUL_IF_ALL_ARE_TRACKED
                        : ExpectedRelease.NEVER);
    }

    private Plan peerReset() {
        script.only(stack -> !stack.isUnix());
        conversation();
        script.peer(new Reset());
        return leak("leak-reset", ExpectedRelease.BY_ACTION_IF_ALL_ARE_TRACKED);
    }

    private Plan closedOnDeadSelector() {
        script.only(Stack::isLoop);
        conversation();
        script.app(new Leak(Loss.CLOSED_ON_DEAD_SELECTOR));
        script.peer(new End(), new Close());
        script.due = ExpectedRelease.BY_ACTION_IF_ALL_ARE_TRACKED;
        return script.plan("leak-closed");
    }

    /** A request and its reply, in either direction of the connect. */
    private void conversation() {
        int reply = script.between(1, 2000);
        script.peer(new Send(script.request(), script.piece(), 0), new Receive(reply, script.piece(), 0));
        script.app(new Receive(script.request(), script.piece(), 0), new Send(reply, script.piece(), 0));
    }

    private Plan leak(String story, ExpectedRelease ifKept) {
        boolean dropped = !script.stack.isHeldByItsGroup() && script.random.nextInt(3) == 0;
        script.app(new Leak(dropped ? Loss.DROPPED : Loss.KEPT));
        script.due = ifKept;
        if (dropped) {
            script.due = script.stack.isReclaimedByTheJdk()
                    ? ExpectedRelease.BY_THE_JDK
                    : ifKept == ExpectedRelease.BY_ACTION
                                    || ifKept == ExpectedRelease.BY_DOUBTFUL
                                    || ifKept == ExpectedRelease.BY_ACTION_IF_SILENT_IS_SHORT
                            ? ExpectedRelease.BY_ACTION
                            : ExpectedRelease.BY_ACTION_IF_ALL_ARE_TRACKED;
        }
        return dropped || ifKept != ExpectedRelease.BY_ACTION_IF_ALL_ARE_TRACKED
                ? script.plan(story)
                : script.rude(story);
    }
}
