package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Actor.ForgedEnd;
import io.socketreaper.testapp.torture.Pattern.WrongByte;
import java.io.IOException;

/** An application that passes on what two peers say to each other, as fast as they take it, and their half-closes and failures. */
final class Relay {
    private static final int PIECE = 16 * 1024;

    private final Plan plan;
    private final TestSocket front;
    private final TestSocket back;
    private final IdleMeter frontIdle;
    private final IdleMeter backIdle;
    private volatile IOException requestFailure;
    private volatile long requestBytes;
    private long replyBytes;

    Relay(Plan plan, TestSocket front, TestSocket back, IdleMeter frontIdle, IdleMeter backIdle) {
        this.plan = plan;
        this.front = front;
        this.back = back;
        this.frontIdle = frontIdle;
        this.backIdle = backIdle;
    }

    SideResult play() {
        var request = new Thread(this::relayRequest, Thread.currentThread().getName() + ", request");
        request.setDaemon(true);
        request.start();
        IOException failure = null;
        try {
            relayReply();
            request.join();
            failure = requestFailure;
        } catch (IOException e) {
            // The request's failure ends the reply, too.
            failure = requestFailure != null ? requestFailure : e;
            frontIdle.use();
            backIdle.use();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            resetQuietly(front);
            resetQuietly(back);
        }
        var kind = failure == null
                ? SideResult.Kind.DONE
                : failure instanceof ForgedEnd || failure instanceof WrongByte
                        ? SideResult.Kind.FORGED
                        : SideResult.Kind.FAILED;
        return new SideResult(
                plan.number(),
                "app",
                kind,
                frontIdle.touchable() || backIdle.touchable(),
                Math.max(frontIdle.longestMillis(), backIdle.longestMillis()),
                requestBytes,
                replyBytes,
                failure == null ? "" : failure.toString());
    }

    private void relayRequest() {
        try {
            requestBytes = relay(front, back, plan.fromPeer(), plan.promisedByPeer(), null, null);
            back.shutdownOutput();
            backIdle.halfClosed();
        } catch (IOException e) {
            requestFailure = e;
            // Ends the other direction, too.
            resetQuietly(back);
        }
    }

    private void relayReply() throws IOException {
        replyBytes = relay(back, front, plan.fromApp(), plan.promisedByApp(), backIdle, frontIdle);
        front.close();
        back.close();
    }

    private static long relay(
            TestSocket from, TestSocket to, Pattern pattern, long promised, IdleMeter read, IdleMeter written)
            throws IOException {
        var buffer = new byte[PIECE];
        long position = 0;
        while (true) {
            if (read != null) {
                read.use();
            }
            int count = from.read(buffer, PIECE);
            if (count < 0) {
                if (position != promised) {
                    throw new ForgedEnd(position, promised);
                }
                return position;
            }
            if (read != null) {
                read.used(from.inUseUntil());
                read.delivered();
                written.use();
            }
            pattern.check(position, buffer, 0, count);
            to.write(buffer, count);
            position += count;
            if (written != null) {
                written.used(to.inUseUntil());
            }
        }
    }

    private static void resetQuietly(TestSocket line) {
        try (line) {
            line.reset();
        } catch (IOException | RuntimeException e) {
            // It is closed.
        }
    }
}
