package io.socketreaper.owner.relocated.xnio.conduits;

import java.util.List;

/** Is told that there is input. */
public interface ReadReadyHandler {
    void readReady();

    void forceTermination();

    /** Tells a channel's listener. */
    final class ChannelListenerHandler implements ReadReadyHandler {
        private final ConduitStreamSourceChannel channel;
        private final List<String> calls;

        public ChannelListenerHandler(ConduitStreamSourceChannel channel, List<String> calls) {
            this.channel = channel;
            this.calls = calls;
        }

        @Override
        public void readReady() {
            calls.add("readReady");
        }

        @Override
        public void forceTermination() {
            channel.getConduit().terminateReads();
        }
    }

    /** As Undertow's read timeouts do it. */
    static ReadReadyHandler timed(ReadReadyHandler handler) {
        return new ReadReadyHandler() {
            @Override
            public void readReady() {
                handler.readReady();
            }

            @Override
            public void forceTermination() {
                handler.forceTermination();
            }
        };
    }

    /** Undertow's TLS. */
    final class SslReadReadyHandler implements ReadReadyHandler {
        private final ReadReadyHandler delegateHandler;

        public SslReadReadyHandler(ReadReadyHandler delegateHandler) {
            this.delegateHandler = delegateHandler;
        }

        @Override
        public void readReady() {
            delegateHandler.readReady();
        }

        @Override
        public void forceTermination() {
            delegateHandler.forceTermination();
        }
    }
}
