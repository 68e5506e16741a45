package io.socketreaper.detect;

import io.socketreaper.stack.SocketHandle;
import org.jspecify.annotations.Nullable;

/** A socket from its opening to its release, with {@code track=all}. There is one for every open socket, so it is small. */
final class OpenSocket extends TrackedSocket<OpenSocket> {
    /** The suspect of the same socket; null if there is none. See {@link Suspect#join}. */
    volatile @Nullable Suspect suspect;

    OpenSocket(SocketHandle socket, CapturedStack origin) {
        super(socket, origin);
    }
}
