package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Actor.ForgedEnd;
import io.socketreaper.testapp.torture.Pattern.WrongByte;
import java.io.IOException;

/** An application that passes on what two peers say to each other, as fast as they take it, and their half-closes and failures. */
final class Relay {
    private static final int PIECE = 16 * 1024;

    private final Plan plan;
    private final Line front;
    private final Line back;
    private final Exposure frontExposure;
    private final Exposure backExposure;
    private volatile IOException requestFailure;
    private volatile long requestBytes;
    private long replyBytes;

    Relay(Plan plan, Line front, Line back, Exposure frontExposure, Exposure backExposure) {
        this.plan = plan;
        this.front = front;
        this.back = back;
        this.frontExposure = frontExposure;
        this.backExposure = backExposure;
    }

    Fate play() {
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
            frontExposure.use();
            backExposure.use();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            resetQuietly(front);
            resetQuietly(back);
        }
        var kind = failure == null
                ? Fate.Kind.DONE
                : failure instanceof ForgedEnd || failure instanceof WrongByte ? Fate.Kind.FORGED : Fate.Kind.FAILED;
        return new Fate(
                plan.number(),
                "app",
                kind,
                frontExposure.touchable() || backExposure.touchable(),
                Math.max(frontExposure.longestMillis(), backExposure.longestMillis()),
                requestBytes,
                replyBytes,
                failure == null ? "" : failure.toString());
    }

    private void relayRequest() {
        try {
            requestBytes = relay(front, back, plan.fromPeer(), plan.promisedByPeer(), null, null);
            back.shutdownOutput();
            backExposure.halfClosed();
        } catch (IOException e) {
            requestFailure = e;
            // Ends the other direction, too.
            resetQuietly(back);
        }
    }

    private void relayReply() throws IOException {
        replyBytes = relay(back, front, plan.fromApp(), plan.promisedByApp(), backExposure, frontExposure);
        front.close();
        back.close();
    }

    private static long relay(Line from, Line to, Pattern pattern, long promised, Exposure read, Exposure written)
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

    private static void resetQuietly(Line line) {
        try (line) {
            line.reset();
        } catch (IOException | RuntimeException e) {
            // It is closed.
        }
    }
}
