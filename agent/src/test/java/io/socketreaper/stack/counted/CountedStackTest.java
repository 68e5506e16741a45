package io.socketreaper.stack.counted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.CountedState;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.ClassFiles;
import io.socketreaper.stack.HookClass;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import io.socketreaper.stack.UnknownInternalsException;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import sun.nio.ch.SocketReaperHook;

/** On real selectors, datagram channels, pipes and listeners. */
class CountedStackTest {
    private final ProcDescriptors descriptors = new ProcDescriptors(Clock.SYSTEM);

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = CountedStackTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            HookClass.define(in.readAllBytes());
        }
    }

    private CountedStack proven(Counted counted) throws ReflectiveOperationException {
        var stack = new CountedStack(counted, descriptors);
        stack.resolve();
        stack.proven();
        return stack;
    }

    private static Closeable open(Counted counted) throws IOException {
        return switch (counted) {
            case SELECTOR -> Selector.open();
            case DATAGRAM -> DatagramChannel.open();
            case PIPE_SOURCE -> Pipe.open().source();
            case PIPE_SINK -> Pipe.open().sink();
            case ASYNC_LISTENER -> AsynchronousServerSocketChannel.open();
        };
    }

    @ParameterizedTest
    @EnumSource(Counted.class)
    void anOpenOneIsCountedAndNeverShowsASign(Counted counted) throws Exception {
        CountedStack stack = proven(counted);
        try (Closeable object = open(counted)) {
            SocketHandle handle = stack.handle(object);
            assertNotNull(handle);
            assertEquals(-1, handle.descriptor());
            handle.opened(object);
            assertEquals(stack.number(object), handle.descriptor());
            assertTrue(descriptors.link(handle.descriptor()).startsWith(counted.link()));
            assertEquals(counted.state(), handle.openState());
            assertEquals(counted == Counted.SELECTOR ? 2 : 1, handle.onlyCounted());
            assertEquals(TcpState.UNKNOWN, handle.tcpState());
            assertEquals(QuickCheck.FINE, handle.quickCheck());
            assertTrue(handle.isKnown(), "nothing holds its object");
            assertNull(handle.claim(any -> true), "it is never released");
        }
    }

    @ParameterizedTest
    @EnumSource(Counted.class)
    void oneThatWasOpenedBeforeTheSelfTestIsIdentifiedLater(Counted counted) throws Exception {
        var stack = new CountedStack(counted, descriptors);
        try (Closeable object = open(counted)) {
            SocketHandle handle = stack.handle(object);
            handle.opened(object);
            assertEquals(QuickCheck.FINE, handle.quickCheck());
            assertEquals(-1, handle.descriptor());
            assertEquals(
                    counted == Counted.DATAGRAM,
                    handle.isKnown(),
                    "the agent holds its object, unless the JDK closes it");
            stack.resolve();
            stack.proven();
            assertEquals(QuickCheck.FINE, handle.quickCheck());
            assertEquals(stack.number(object), handle.descriptor());
        }
    }

    @Test
    void aDatagramSocketIsOneAndItsPeerIsTold() throws Exception {
        CountedStack stack = proven(Counted.DATAGRAM);
        var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
        try (var channel = DatagramChannel.open()) {
            SocketHandle handle = stack.handle(channel);
            assertNull(handle.findEndpoints().remote());
            channel.connect(server);
            assertEquals("127.0.0.1:53", Endpoints.text(handle.findEndpoints().remote()));
        }
        try (var socket = new DatagramSocket()) {
            assertNull(stack.handle(socket), "the hook tells of the channel below");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Counted.class,
            mode = Mode.EXCLUDE,
            names = {"DATAGRAM", "ASYNC_LISTENER"})
    void oneThatIsDroppedStaysOpenAndIsSaidToBeUnreachable(Counted counted) throws Exception {
        SocketHandle handle = dropped(proven(counted), counted);
        assertEquals(counted.state(), handle.openState());
        collect(handle);
        assertEquals(QuickCheck.FINE, handle.quickCheck());
        assertEquals(CountedState.UNREACHABLE, handle.openState());
        assertTrue(descriptors.link(handle.descriptor()).startsWith(counted.link()), "the JDK has not closed it");
    }

    @Test
    void theJdkClosesADatagramChannelThatIsDropped() throws Exception {
        SocketHandle handle = dropped(proven(Counted.DATAGRAM), Counted.DATAGRAM);
        collect(handle);
        assertEquals(QuickCheck.GONE, handle.quickCheck());
    }

    private static SocketHandle dropped(CountedStack stack, Counted counted) throws IOException {
        Closeable object = open(counted);
        SocketHandle handle = stack.handle(object);
        handle.opened(object);
        return handle;
    }

    private static void collect(SocketHandle handle) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!handle.is(null) && System.nanoTime() - end < 0) {
            System.gc();
            Thread.sleep(10);
        }
        assertTrue(handle.is(null));
    }

    /** Its closes may no longer be told, so that a count of it would be wrong. */
    @Test
    void thoseOfAStackThatIsSwitchedOffAreNotCounted() throws Exception {
        CountedStack stack = proven(Counted.SELECTOR);
        try (var selector = Selector.open()) {
            SocketHandle handle = stack.handle(selector);
            stack.stopListening();
            assertEquals(QuickCheck.GONE, handle.quickCheck());
            assertNull(stack.handle(selector));
        }
    }

    @Test
    void openingAndClosingAreWovenAndNoReadOrWrite() throws Exception {
        assertEquals(
                Map.of(
                        "<init>(Ljava/nio/channels/spi/SelectorProvider;)V calls opened",
                        1,
                        "implClose()V calls released",
                        1),
                woven(Counted.SELECTOR));
        for (Counted pipe : new Counted[] {Counted.PIPE_SOURCE, Counted.PIPE_SINK}) {
            assertEquals(
                    Map.of(
                            "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/io/FileDescriptor;)V calls opened",
                            1,
                            "tryClose()Z calls released",
                            2),
                    woven(pipe));
        }
        Map<String, Integer> datagram = woven(Counted.DATAGRAM);
        assertEquals(3, datagram.size(), datagram::toString);
        assertFalse(
                datagram.containsKey("<init>(Ljava/nio/channels/spi/SelectorProvider;Z)V calls opened"),
                "it calls another, which tells of it");
        Map<String, Integer> listener = woven(Counted.ASYNC_LISTENER);
        assertEquals(1, listener.get("<init>(Lsun/nio/ch/Port;)V calls opened"), listener::toString);
        assertTrue(listener.containsKey("implClose()V calls released"), listener::toString);
    }

    private static Map<String, Integer> woven(Counted counted) throws Exception {
        String name = name(counted);
        return ClassFiles.hookCalls(new CountedWeaving(counted).weave(null, name, ClassFiles.ofJdk(name)));
    }

    private static String name(Counted counted) {
        return counted.className().replace('.', '/');
    }

    @ParameterizedTest
    @EnumSource(Counted.class)
    void aClassWithoutItsCloseIsRefused(Counted counted) throws Exception {
        String closing = counted.closing().substring(0, counted.closing().indexOf('('));
        byte[] unknown = ClassFiles.renamed(
                ClassFiles.ofJdk(name(counted)), name -> name.equals(closing) ? name + "OfAnotherJdk" : name);
        var refusal = assertThrows(
                UnknownInternalsException.class, () -> new CountedWeaving(counted).weave(null, name(counted), unknown));
        int members = counted.constructors().length;
        assertEquals(
                "of " + counted.className() + " only " + members + " of " + (members + 1) + " known members were found",
                refusal.getMessage());
    }

    @ParameterizedTest
    @EnumSource(value = Counted.class, mode = Mode.EXCLUDE, names = "ASYNC_LISTENER")
    void theSelfTestFailsIfTheHookIsNotToldOfIt(Counted counted) throws Exception {
        CountedStack stack = proven(counted);
        var trace = new HookTrace();
        var result = stack.hookProbe(trace, true).run(stack);
        assertEquals("the hook received no event for open, release", result.text());
        assertTrue(result.dead());

        trace.begin(Class.forName(counted.className()));
        for (int event : new int[] {SocketReaperHook.OPENED, SocketReaperHook.RELEASED}) {
            trace.add("an object of another class", event);
        }
        assertTrue(
                trace.result(SocketReaperHook.OPENED, SocketReaperHook.RELEASED).dead());
        try (Closeable object = open(counted)) {
            trace.add(object, SocketReaperHook.OPENED);
            trace.add(object, SocketReaperHook.RELEASED);
        }
        assertTrue(
                trace.result(SocketReaperHook.OPENED, SocketReaperHook.RELEASED).passed());
    }

    /** The self-test of a socket opens and closes selectors, too. */
    @Test
    void aSelectorDoesNotPassTheSelfTestOfASocket() throws IOException {
        var trace = new HookTrace();
        trace.begin();
        try (var selector = Selector.open()) {
            trace.add(selector, SocketReaperHook.OPENED);
        }
        assertTrue(trace.result(SocketReaperHook.OPENED).dead());
    }
}
