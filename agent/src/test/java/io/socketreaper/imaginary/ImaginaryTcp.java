package io.socketreaper.imaginary;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Clock;
import io.socketreaper.model.TcpState;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/** The keepalive of one connection as Linux does it ({@code tcp_keepalive_timer}), with a peer that is there, gone or cut off. */
public final class ImaginaryTcp implements TcpOptions {
    /** What becomes of a probe. */
    public enum Peer {
        ACKNOWLEDGES,
        RESETS,
        IS_CUT_OFF
    }

    private static final long SECOND = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private final Clock clock;
    private final Map<Option, Integer> options = new EnumMap<>(Option.class);
    private Peer peer = Peer.ACKNOWLEDGES;
    private TcpState state = TcpState.CLOSE_WAIT;
    private int retransmits;
    private int unanswered;
    private int probes;
    private boolean endedByKeepalive;
    private long heardAt;
    private long timer = NEVER;
    private boolean closed;
    private Runnable duringNextSet;

    /** Idle for ten minutes, with the defaults of Linux. */
    public ImaginaryTcp(Clock clock) {
        this.clock = clock;
        heardAt = clock.nanoTime() - 600 * SECOND;
        options.putAll(Map.of(
                Option.KEEPALIVE, 0, Option.IDLE, 7200, Option.INTERVAL, 75, Option.COUNT, 9, Option.USER_TIMEOUT, 0));
    }

    public void peer(Peer from) {
        run();
        peer = from;
    }

    public void state(TcpState now) {
        state = now;
    }

    public void retransmits(int now) {
        retransmits = now;
    }

    /** The application has closed the socket. */
    public void closed() {
        closed = true;
    }

    public void duringNextSet(Runnable action) {
        duringNextSet = action;
    }

    /** A segment of the peer's arrives. */
    public void peerIsHeard() {
        run();
        unanswered = 0;
        heardAt = clock.nanoTime();
    }

    /** Segments that were sent. */
    public int probes() {
        run();
        return probes;
    }

    /** True if the kernel has given up the connection because the peer was silent. */
    public boolean endedByKeepalive() {
        run();
        return endedByKeepalive;
    }

    public int unanswered() {
        run();
        return unanswered;
    }

    public Map<Option, Integer> options() {
        return Map.copyOf(options);
    }

    /** Lets the kernel's timer run up to now. */
    private void run() {
        while (timer != NEVER && timer - clock.nanoTime() <= 0) {
            fire(timer);
        }
    }

    private void fire(long at) {
        timer = NEVER;
        if (options.get(Option.KEEPALIVE) == 0 || state == TcpState.CLOSE) {
            return;
        }
        long idle = options.get(Option.IDLE) * SECOND;
        if (at - heardAt < idle) {
            timer = heardAt + idle;
            return;
        }
        int user = options.get(Option.USER_TIMEOUT);
        if (user != 0 ? at - heardAt >= user * 1_000_000L && unanswered > 0 : unanswered >= options.get(Option.COUNT)) {
            endedByKeepalive = true;
            state = TcpState.CLOSE;
            return;
        }
        probes++;
        unanswered++;
        timer = at + options.get(Option.INTERVAL) * SECOND;
        if (peer == Peer.ACKNOWLEDGES) {
            unanswered = 0;
            heardAt = at;
        } else if (peer == Peer.RESETS) {
            state = TcpState.CLOSE;
        }
    }

    private void check() throws IOException {
        if (closed) {
            throw new IOException("Bad file descriptor");
        }
        run();
    }

    @Override
    public int info() throws IOException {
        check();
        int code =
                switch (state) {
                    case ESTABLISHED -> 1;
                    case FIN_WAIT1 -> 4;
                    case FIN_WAIT2 -> 5;
                    case CLOSE -> 7;
                    case CLOSE_WAIT -> 8;
                    default -> throw new AssertionError(state);
                };
        return unanswered << 24 | retransmits << 16 | code;
    }

    @Override
    public int get(Option option) throws IOException {
        check();
        return options.get(option);
    }

    @Override
    public void set(Option option, int value) throws IOException {
        check();
        if (duringNextSet != null) {
            Runnable once = duringNextSet;
            duringNextSet = null;
            once.run();
        }
        int most = option == Option.COUNT ? 127 : option == Option.KEEPALIVE ? 1 : 32_767;
        if (value > most || option != Option.KEEPALIVE && value < 1 || option == Option.USER_TIMEOUT) {
            throw new AssertionError(option + " = " + value);
        }
        applicationSets(option, value);
        run();
    }

    /** The same from the application. */
    public void applicationSets(Option option, int value) {
        boolean wasOn = options.put(option, value) != 0 && option == Option.KEEPALIVE;
        boolean on = options.get(Option.KEEPALIVE) != 0;
        if (option == Option.KEEPALIVE && !on) {
            timer = NEVER;
        } else if (option == Option.KEEPALIVE && !wasOn) {
            timer = clock.nanoTime() + options.get(Option.IDLE) * SECOND;
        } else if (option == Option.IDLE && on) {
            timer = Math.max(clock.nanoTime(), heardAt + value * SECOND);
        }
    }
}
