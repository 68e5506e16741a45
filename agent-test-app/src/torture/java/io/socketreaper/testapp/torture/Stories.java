package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Step.Close;
import io.socketreaper.testapp.torture.Step.End;
import io.socketreaper.testapp.torture.Step.HalfClose;
import io.socketreaper.testapp.torture.Step.Pause;
import io.socketreaper.testapp.torture.Step.Poll;
import io.socketreaper.testapp.torture.Step.Receive;
import io.socketreaper.testapp.torture.Step.Reset;
import io.socketreaper.testapp.torture.Step.Send;
import io.socketreaper.testapp.torture.Step.SendFile;
import java.util.List;

/** Invents the story of one connection: those of an application that reads, answers and closes. */
final class Stories extends PlanBuilder {
    private static final int LINE = 80;

    Stories(long seed, int number, Conditions conditions) {
        super(seed, number, conditions);
    }

    Plan tell() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> consume("consume", piece());
            case 4, 5, 6 -> answer(false);
            case 7 -> answer(true);
            case 8 -> await();
            case 9 -> poll();
            case 10 -> consume("lines", LINE);
            case 11, 12 -> relay();
            case 13 -> random.nextBoolean() ? peerResets() : appResets();
            case 14 -> leaveEarly();
            default -> new LeakStories(this).tell();
        };
    }

    /** Asks and reads the answer, with pauses. */
    private Plan consume(String story, int piece) {
        boolean half = stack.canHalfClose() && random.nextBoolean();
        int bytes = piece == LINE ? LINE * between(20, 200) : Math.min(bytes(), piece * READS);
        app(new Send(request(), piece(), 0));
        peer(new Receive(request(), piece(), 0));
        if (half) {
            app(new HalfClose());
            peer(new End());
        }
        sometimes(this::app);
        sometimes(this::peer);
        app(new Receive(bytes, piece, rest(bytes, piece)), new End());
        peer(new Send(bytes, piece(), 0), new Close());
        sometimes(this::app);
        app(new Close());
        return plan(story + (half ? "-half" : ""));
    }

    /** Answers a peer that may have ended its side, after a while and in pieces. */
    private Plan answer(boolean fromFile) {
        boolean half = stack.canHalfClose() && random.nextBoolean();
        int bytes = bytes();
        int piece = piece();
        peer(new Send(request(), piece(), 0));
        app(new Receive(request(), piece(), 0));
        if (half) {
            peer(new HalfClose());
            app(new End());
        }
        sometimes(this::app);
        app(fromFile ? new SendFile(bytes) : new Send(bytes, piece, rest(bytes, piece)));
        window = random.nextInt(3) == 0 ? 16 * 1024 : 0;
        int taken = piece();
        peer(new Receive(bytes, taken, rest(bytes, taken)), new End(), new Close());
        app(new Close());
        return plan((fromFile ? "sendfile" : "answer") + (half ? "-half" : ""));
    }

    /** Half-closes and is in a read until the answer comes, however late. */
    private Plan await() {
        only(Stack::canHalfClose);
        int piece = piece();
        int bytes = Math.min(bytes(), piece * READS);
        app(new Send(request(), piece(), 0), new HalfClose(), new Receive(bytes, piece, 0), new End(), new Close());
        peer(
                new Receive(request(), piece(), 0),
                new End(),
                new Pause(longPause()),
                new Send(bytes, piece(), 0),
                new Close());
        return plan("await");
    }

    private Plan poll() {
        only(Stack::canPoll);
        int half = between(10, 2000);
        app(
                new Send(request(), piece(), 0),
                new HalfClose(),
                new Poll(2 * half, Math.max(1, shortPause())),
                new Receive(2 * half, piece(), 0),
                new End(),
                new Close());
        peer(
                new Receive(request(), piece(), 0),
                new End(),
                new Send(half, half, 0),
                new Pause(longPause()),
                new Send(half, half, 0),
                new Close());
        return plan("poll");
    }

    /** The application passes on what two peers say to each other, and their half-closes. */
    private Plan relay() {
        only(Stack::canHalfClose);
        int bytes = bytes();
        window = 16 * 1024;
        int taken = piece();
        peer(new Send(request(), piece(), 0), new HalfClose());
        sometimes(this::peer);
        peer(new Receive(bytes, taken, rest(bytes, taken)), new End(), new Close());
        backend(new Receive(request(), piece(), 0), new End());
        sometimes(this::backend);
        backend(new Send(bytes, piece(), 0), new Close());
        connects = false;
        return plan("relay");
    }

    private Plan peerResets() {
        only(drawn -> !drawn.isUnix());
        int piece = piece();
        int bytes = Math.min(bytes(), piece * READS);
        peer(new Send(bytes, piece(), 0), new Reset());
        sometimes(this::app);
        app(new Receive(bytes + 1, piece, 0), new Close());
        return rude("peer-resets");
    }

    private Plan appResets() {
        only(Stack::canReset);
        int bytes = bytes();
        app(new Send(bytes, piece(), 0), new Reset());
        sometimes(this::peer);
        peer(new Receive(bytes + 1, piece(), 0), new Close());
        return rude("app-resets");
    }

    /** Closes at a random moment, with input unread and output unread by the peer. */
    private Plan leaveEarly() {
        int bytes = bytes();
        int taken = piece();
        int part = Math.min(between(1, bytes), taken * READS);
        boolean appLeaves = random.nextBoolean();
        var leaver = List.<Step>of(new Receive(part, taken, 0), new Send(between(1, 10_000), piece(), 0), new Close());
        int piece = piece();
        var other =
                List.<Step>of(new Send(bytes, piece, rest(bytes, piece)), new Receive(10_001, piece(), 0), new Close());
        app((appLeaves ? leaver : other).toArray(new Step[0]));
        peer((appLeaves ? other : leaver).toArray(new Step[0]));
        return rude("leave-early");
    }
}
