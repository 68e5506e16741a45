package io.socketreaper.detect;

import io.socketreaper.stack.SocketHandle;
import org.jspecify.annotations.Nullable;

/** A socket from its opening to its release, with {@code track=all}. There is one for every open socket, so it is small. */
final class OpenSocket extends TrackedSocket<OpenSocket> {
    /** The suspect of the same socket; null if there is none. See {@link Suspect#join}. */
    volatile @Nullable Suspect suspect;
    /**
     * It was read or written since a sweep has cleared this, see {@link OpenSite#meet}. Plain, and set by any thread: an update that is lost
     * is made good by the next read.
     */
    boolean touched;
    /** When its peer may be asked next, by {@link IdlePeers}: seconds of nano time, 0 if it was not asked. Reaper thread. */
    int askAt;
    /** Its peer has answered a probe with a reset. Reaper thread. */
    boolean peerIsGone;

    OpenSocket(SocketHandle socket, CapturedStack origin) {
        super(socket, origin);
    }
}
