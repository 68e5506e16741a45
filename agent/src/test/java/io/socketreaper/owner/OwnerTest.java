package io.socketreaper.owner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.owner.relocated.netty.channel.nio.AbstractNioChannel;
import io.socketreaper.owner.relocated.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnerTest {
    private static final SelectionKey[] NO_KEYS = {};
    private static final IOException RESET = new SocketException("Connection reset");

    private final ImaginaryChannel channel = new ImaginaryChannel();
    private final ImaginarySelector first = new ImaginarySelector();
    private final ImaginarySelector second = new ImaginarySelector();

    // -- The JDK's

    @Test
    void aChannelWithoutKeysIsJustClosed() throws Exception {
        Owner owner = Owner.of(NO_KEYS);
        owner.close(channel, NO_KEYS, 1, RESET);

        assertEquals("JDK channel", owner.name());
        assertFalse(channel.isOpen());
    }

    @Test
    void everySelectorIsWokenAfterTheCloseSoThatItLetsGoOfTheDescriptor() throws Exception {
        first.onWakeUp = () -> assertFalse(channel.isOpen(), "a wake-up before the close would be wasted");
        Owner owner = Owner.of(new SelectionKey[] {key(first, null), null, key(second, null)});
        owner.close(channel, new SelectionKey[] {key(first, null), null, key(second, null)}, 1, RESET);

        assertEquals(1, first.wakeUps);
        assertEquals(1, second.wakeUps);
    }

    @Test
    void theSelectorsAreWokenEvenIfTheCloseFails() {
        channel.failure = new IOException("Bad file descriptor");
        SelectionKey[] keys = {key(first, null)};

        assertThrows(IOException.class, () -> Owner.of(keys).close(channel, keys, 1, RESET));
        assertEquals(1, first.wakeUps);
    }

    @Test
    void aClosedSelectorIsLeftAlone() throws Exception {
        first.open = false;
        SelectionKey[] keys = {key(first, null), key(second, null)};
        Owner.of(keys).close(channel, keys, 1, RESET);

        assertEquals(0, first.wakeUps);
        assertEquals(1, second.wakeUps);
    }

    @Test
    void closingAgainOnlyWakesAgain() throws Exception {
        SelectionKey[] keys = {key(first, null)};
        Owner owner = Owner.of(keys);
        owner.close(channel, keys, 1, RESET);
        owner.close(channel, keys, 1, RESET);

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
        owner.close(channel, keys, 1, RESET);
        assertEquals(List.of(), netty.calls(), "not on our thread");

        netty.runEventLoop();
        assertEquals(List.of("Connection reset", "close"), netty.calls());
        assertTrue(channel.isOpen(), "Netty closes it");
        assertEquals(1, first.wakeUps);
        assertTrue(
                owner.name().contains("Netty 4.1") && owner.name().contains(RelocatedChannel.class.getName()),
                owner.name());
    }

    @Test
    void aNetty42ChannelIsFoundThroughItsRegistration() throws Exception {
        var netty = new RelocatedChannel();
        SelectionKey[] keys = {key(first, new NioIoHandler.DefaultNioRegistration(new RelocatedUnsafe(netty)))};
        Owner owner = Owner.of(keys);
        owner.close(channel, keys, 1, RESET);
        netty.runEventLoop();

        assertEquals(List.of("Connection reset", "close"), netty.calls());
        assertTrue(owner.name().contains("Netty 4.2"), owner.name());
    }

    @Test
    void aNettyWhoseHandlersPutTheCloseOffIsClosedBelowThem() throws Exception {
        var netty = new RelocatedChannel();
        SelectionKey[] keys = {key(first, netty)};
        Owner owner = Owner.of(keys);
        assertEquals(2, owner.ways());
        owner.close(channel, keys, 1, RESET);
        netty.runEventLoop();
        owner.close(channel, keys, 2, RESET);
        netty.runEventLoop();
        assertEquals(List.of("Connection reset", "close", "closed below"), netty.calls());

        owner.close(channel, keys, 1, RESET);
        netty.runEventLoop();
        assertTrue(
                netty.isOpen()
                        || netty.calls().stream()
                                        .filter("Connection reset"::equals)
                                        .count()
                                == 1,
                "told twice");
    }

    @Test
    void bytesThatWaitInNettysOutboundBufferAreUse() {
        var netty = new RelocatedChannel();
        Owner owner = Owner.of(new SelectionKey[] {key(first, netty)});
        assertFalse(owner.isInUse());
        netty.unsafe().outboundBuffer().queue(6);
        assertTrue(owner.isInUse());
    }

    /** What is not understood is not touched. */
    @Test
    void aFrameworkThatDoesNotTellCountsAsOneThatUsesItsChannel() {
        Owner owner = new FrameworkOwner("imaginary", Runnable::run, cause -> {}).using(() -> {
            throw new NoSuchMethodException("isEmpty");
        });
        assertTrue(owner.isInUse());
    }

    @Test
    void nettyIsFoundBesideTheKeyOfSomebodyElse() {
        Owner owner =
                Owner.of(new SelectionKey[] {key(first, "somebody else"), null, key(second, new RelocatedChannel())});

        assertTrue(owner.name().startsWith("Netty 4.1"), owner.name());
    }

    @Test
    void anEventLoopThatIsShutDownLeavesItToTheJdk() throws Exception {
        var netty = new RelocatedChannel();
        netty.shutDownEventLoop();
        SelectionKey[] keys = {key(first, netty)};
        Owner.of(keys).close(channel, keys, 1, RESET);

        assertFalse(channel.isOpen());
        assertEquals(1, first.wakeUps);
    }

    @Test
    void aNettyWhoseMembersAreNotThoseWeKnowIsClosedAsAJdkChannel() {
        Owner owner =
                Owner.of(new SelectionKey[] {key(first, new NioIoHandler.DefaultNioRegistration("not an unsafe"))});

        assertInstanceOf(JdkOwner.class, owner);
        assertTrue(owner.name().contains("DefaultNioRegistration"), owner.name());
    }

    private static SelectionKey key(Selector selector, Object attachment) {
        return new ImaginaryKey(selector, attachment);
    }

    private static final class RelocatedChannel extends AbstractNioChannel {}

    private static final class RelocatedUnsafe extends NioIoHandler.AbstractNioUnsafe {
        RelocatedUnsafe(AbstractNioChannel channel) {
            super(channel);
        }
    }
}
