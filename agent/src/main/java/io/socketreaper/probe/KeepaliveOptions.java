package io.socketreaper.probe;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.descriptor.TcpOptions.Option;
import java.io.IOException;

/** The keepalive options of a connection; {@link Option} has their units. */
record KeepaliveOptions(boolean keepalive, int idle, int interval, int count) {
    private static final int LARGEST_TIME = 32_767;
    private static final int LARGEST_COUNT = 127;

    /** Those that are set now. */
    static KeepaliveOptions of(TcpOptions options) throws IOException {
        return new KeepaliveOptions(
                options.get(Option.KEEPALIVE) != 0,
                options.get(Option.IDLE),
                options.get(Option.INTERVAL),
                options.get(Option.COUNT));
    }

    KeepaliveOptions withCount(int other) {
        return new KeepaliveOptions(keepalive, idle, interval, other);
    }

    /** False if the host's default is larger than what can be set. */
    boolean canBePutBack() {
        return idle <= LARGEST_TIME && interval <= LARGEST_TIME && count <= LARGEST_COUNT;
    }
}
