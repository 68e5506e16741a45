package io.socketreaper.owner.relocated.netty.channel.nio;

/** In Netty 4.2 a key's attachment is a registration, whose handle is the channel's unsafe. */
public final class NioIoHandler {
    private NioIoHandler() {}

    /** The attachment of Netty 4.2. */
    public static final class DefaultNioRegistration {
        @SuppressWarnings("unused") // read by the agent
        private final Object handle;

        public DefaultNioRegistration(Object handle) {
            this.handle = handle;
        }
    }

    /** Its handle. */
    public abstract static class AbstractNioUnsafe {
        private final AbstractNioChannel channel;

        public AbstractNioUnsafe(AbstractNioChannel channel) {
            this.channel = channel;
        }

        protected final AbstractNioChannel channel() {
            return channel;
        }
    }
}
