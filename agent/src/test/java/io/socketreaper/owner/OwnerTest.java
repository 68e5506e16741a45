package io.socketreaper.owner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.owner.relocated.netty.channel.nio.AbstractNioChannel;
import io.socketreaper.owner.relocated.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnerTest {
    private static final SelectionKey[] NO_KEYS = {};

    private final ImaginaryChannel channel = new ImaginaryChannel();
    private final ImaginarySelector first = new ImaginarySelector();
    private final ImaginarySelector second = new ImaginarySelector();

    // -- The JDK's

    @Test
    void aChannelWithoutKeysIsJustClosed() throws Exception {
        Owner owner = Owner.of(NO_KEYS);
        owner.close(channel, NO_KEYS);

        assertEquals("JDK channel", owner.name());
        assertFalse(channel.isOpen());
    }

    @Test
    void everySelectorIsWokenAfterTheCloseSoThatItLetsGoOfTheDescriptor() throws Exception {
        first.onWakeUp = () -> assertFalse(channel.isOpen(), "a wake-up before the close would be wasted");
        Owner owner = Owner.of(new SelectionKey[] {key(first, null), null, key(second, null)});
        owner.close(channel, new SelectionKey[] {key(first, null), null, key(second, null)});

        assertEquals(1, first.wakeUps);
        assertEquals(1, second.wakeUps);
    }

    @Test
    void theSelectorsAreWokenEvenIfTheCloseFails() {
        channel.failure = new IOException("Bad file descriptor");
        SelectionKey[] keys = {key(first, null)};

        assertThrows(IOException.class, () -> Owner.of(keys).close(channel, keys));
        assertEquals(1, first.wakeUps);
    }

    @Test
    void aClosedSelectorIsLeftAlone() throws Exception {
        first.open = false;
        SelectionKey[] keys = {key(first, null), key(second, null)};
        Owner.of(keys).close(channel, keys);

        assertEquals(0, first.wakeUps);
        assertEquals(1, second.wakeUps);
    }

    @Test
    void closingAgainOnlyWakesAgain() throws Exception {
        SelectionKey[] keys = {key(first, null)};
        Owner owner = Owner.of(keys);
        owner.close(channel, keys);
        owner.close(channel, keys);

        assertEquals(1, channel.closes);
        assertEquals(2, first.wakeUps);
    }

    @Test
    void anAttachmentOfAFrameworkWeDoNotKnowIsNamedInTheReport() {
        Owner owner = Owner.of(new SelectionKey[] {key(first, new StringBuilder("state"))});

        assertInstanceOf(JdkOwner.class, owner);
        assertTrue(owner.name().contains("java.lang.StringBuilder"), owner.name());
    }

    // -- Netty's, here one that was relocated

    @Test
    void aNetty41ChannelIsClosedOnItsEventLoopAndNotUnderIt() throws Exception {
        var netty = new RelocatedChannel();
        SelectionKey[] keys = {key(first, netty)};
        Owner owner = Owner.of(keys);
        owner.close(channel, keys);
        assertEquals(0, netty.closes(), "not on our thread");

        netty.runEventLoop();
        assertEquals(1, netty.closes());
        assertTrue(channel.isOpen(), "Netty closes it");
        assertEquals(0, first.wakeUps, "Netty's event loop wakes itself");
        assertTrue(owner.name().contains("Netty 4.1") && owner.name().contains(RelocatedChannel.class.getName()), owner.name());
    }

    @Test
    void aNetty42ChannelIsFoundThroughItsRegistration() throws Exception {
        var netty = new RelocatedChannel();
        SelectionKey[] keys = {key(first, new NioIoHandler.DefaultNioRegistration(new RelocatedUnsafe(netty)))};
        Owner owner = Owner.of(keys);
        owner.close(channel, keys);
        netty.runEventLoop();

        assertEquals(1, netty.closes());
        assertTrue(owner.name().contains("Netty 4.2"), owner.name());
    }

    @Test
    void nettyIsFoundBesideTheKeyOfSomebodyElse() {
        Owner owner = Owner.of(new SelectionKey[] {key(first, "somebody else"), null, key(second, new RelocatedChannel())});

        assertInstanceOf(NettyOwner.class, owner);
    }

    @Test
    void anEventLoopThatIsShutDownLeavesItToTheJdk() throws Exception {
        var netty = new RelocatedChannel();
        netty.shutDownEventLoop();
        SelectionKey[] keys = {key(first, netty)};
        Owner.of(keys).close(channel, keys);

        assertFalse(channel.isOpen());
        assertEquals(1, first.wakeUps);
    }

    @Test
    void aNettyWhoseMembersAreNotThoseWeKnowIsClosedAsAJdkChannel() {
        Owner owner = Owner.of(new SelectionKey[] {key(first, new NioIoHandler.DefaultNioRegistration("not an unsafe"))});

        assertInstanceOf(JdkOwner.class, owner);
        assertTrue(owner.name().contains("DefaultNioRegistration"), owner.name());
    }

    private static SelectionKey key(Selector selector, Object attachment) {
        var key = new ImaginaryKey(selector);
        key.attach(attachment);
        return key;
    }

    private static final class RelocatedChannel extends AbstractNioChannel {
    }

    private static final class RelocatedUnsafe extends NioIoHandler.AbstractNioUnsafe {
        RelocatedUnsafe(AbstractNioChannel channel) {
            super(channel);
        }
    }

    private static final class ImaginaryChannel extends AbstractSelectableChannel {
        private IOException failure;
        private int closes;

        ImaginaryChannel() {
            super(null);
        }

        @Override
        protected void implCloseSelectableChannel() throws IOException {
            closes++;
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        protected void implConfigureBlocking(boolean block) {
            // neither way
        }

        @Override
        public int validOps() {
            return SelectionKey.OP_READ;
        }
    }

    private static final class ImaginarySelector extends Selector {
        private boolean open = true;
        private int wakeUps;
        private Runnable onWakeUp = () -> { };

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public Selector wakeup() {
            wakeUps++;
            onWakeUp.run();
            return this;
        }

        @Override
        public SelectorProvider provider() {
            return null;
        }

        @Override
        public Set<SelectionKey> keys() {
            return Set.of();
        }

        @Override
        public Set<SelectionKey> selectedKeys() {
            return Set.of();
        }

        @Override
        public int selectNow() {
            throw new AssertionError("never select on the application's selector");
        }

        @Override
        public int select(long timeout) {
            throw new AssertionError("never select on the application's selector");
        }

        @Override
        public int select() {
            throw new AssertionError("never select on the application's selector");
        }

        @Override
        public void close() {
            throw new AssertionError("never close the application's selector");
        }
    }

    private static final class ImaginaryKey extends SelectionKey {
        private final Selector selector;

        ImaginaryKey(Selector selector) {
            this.selector = selector;
        }

        @Override
        public SelectableChannel channel() {
            return null;
        }

        @Override
        public Selector selector() {
            return selector;
        }

        @Override
        public boolean isValid() {
            return false;
        }

        @Override
        public void cancel() {
            // cancelled it is
        }

        @Override
        public int interestOps() {
            return 0;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            return this;
        }

        @Override
        public int readyOps() {
            return 0;
        }
    }
}
