package io.socketreaper.stack.tls;

import java.lang.ref.WeakReference;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The {@code SSLSocket}s that stand before channels, by the channel. Holds both weakly. Application threads add, without a lock;
 * any thread asks. TLS over a channel's adaptor is rare, so there are few.
 */
public final class TlsLayers {
    private static final int CHAINS = 64;

    private final AtomicReferenceArray<Layer> heads = new AtomicReferenceArray<>(CHAINS);

    private static final class Layer extends WeakReference<Object> {
        private final WeakReference<Socket> front;
        private final @Nullable Layer next;

        Layer(Object channel, WeakReference<Socket> front, @Nullable Layer next) {
            super(channel);
            this.front = front;
            this.next = next;
        }
    }

    /** The socket before the channel from now on. */
    public void put(Object channel, Socket front) {
        int chain = chain(channel);
        var named = new WeakReference<Socket>(front);
        while (true) {
            Layer head = heads.get(chain);
            if (heads.compareAndSet(chain, head, new Layer(channel, named, without(head, channel)))) {
                return;
            }
        }
    }

    /** A copy of the chain without the channel's entries and those of channels that were collected. */
    private static @Nullable Layer without(Layer head, Object channel) {
        Layer copy = null;
        for (Layer layer = head; layer != null; layer = layer.next) {
            Object other = layer.get();
            if (other != null && other != channel) {
                copy = new Layer(other, layer.front, copy);
            }
        }
        return copy;
    }

    /** The socket before a channel; null if there is none. */
    public @Nullable Socket get(Object channel) {
        for (Layer layer = heads.get(chain(channel)); layer != null; layer = layer.next) {
            if (layer.refersTo(channel)) {
                return layer.front.get();
            }
        }
        return null;
    }

    private static int chain(Object channel) {
        int hash = System.identityHashCode(channel);
        return (hash ^ hash >>> 16) & CHAINS - 1;
    }
}
