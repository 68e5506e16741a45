package io.socketreaper.owner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.owner.relocated.apache.hc.core5.reactor.InternalDataChannel;
import io.socketreaper.owner.relocated.apache.http.nio.reactor.IOSession;
import io.socketreaper.owner.relocated.apache.mina.core.session.IoSession;
import io.socketreaper.owner.relocated.apache.tomcat.util.net.SocketWrapperBase;
import io.socketreaper.owner.relocated.eclipse.jetty.client.internal.HttpConnectionOverHTTP;
import io.socketreaper.owner.relocated.eclipse.jetty.io.EndPoint;
import io.socketreaper.owner.relocated.eclipse.jetty.io.ssl.SslConnection;
import io.socketreaper.owner.relocated.glassfish.grizzly.nio.NIOConnection;
import io.socketreaper.owner.relocated.pekko.actor.ActorRef;
import io.socketreaper.owner.relocated.pekko.io.Tcp;
import io.socketreaper.owner.relocated.xnio.Connection;
import io.socketreaper.owner.relocated.xnio.conduits.AbstractSourceConduit;
import io.socketreaper.owner.relocated.xnio.conduits.ConduitStreamSourceChannel;
import io.socketreaper.owner.relocated.xnio.conduits.ReadReadyHandler;
import io.socketreaper.owner.relocated.xnio.conduits.ReadReadyHandler.ChannelListenerHandler;
import io.socketreaper.owner.relocated.xnio.conduits.ReadReadyHandler.SslReadReadyHandler;
import io.socketreaper.owner.relocated.xnio.nio.NioHandle;
import io.socketreaper.owner.relocated.xnio.nio.NioSocketConduit;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Frameworks that some product has relocated; Netty's are in {@link OwnerTest}. */
class FrameworkTest {
    private static final IOException RESET = new SocketException("Connection reset");

    private final ImaginaryChannel channel = new ImaginaryChannel();
    private final ImaginarySelector selector = new ImaginarySelector();

    // -- Jetty's

    @Test
    void anEndPointOfJettyIsClosedAndTheSelectorWoken() throws Exception {
        var closes = new AtomicInteger();
        EndPoint endPoint = closes::incrementAndGet;
        Owner owner = closed(endPoint);

        assertEquals(1, closes.get());
        assertTrue(channel.isOpen(), "Jetty closes it");
        assertEquals(1, selector.wakeUps);
        assertNamed("Jetty", endPoint, owner);
    }

    @Test
    void callbacksOnTheCallersThreadFindTheClassesOfTheirFramework() throws Exception {
        Thread caller = Thread.currentThread();
        ClassLoader before = caller.getContextClassLoader();
        ClassLoader agents = new ClassLoader(null) {};
        var seen = new AtomicReference<ClassLoader>();
        EndPoint endPoint = () -> seen.set(caller.getContextClassLoader());
        caller.setContextClassLoader(agents);
        try {
            closed(endPoint);
            assertSame(endPoint.getClass().getClassLoader(), seen.get());
            assertNotSame(agents, seen.get());
            assertSame(agents, caller.getContextClassLoader());
        } finally {
            caller.setContextClassLoader(before);
        }
    }

    @Test
    void aFrameworkThatFailsLeavesItToTheJdk() throws Exception {
        EndPoint endPoint = () -> {
            throw new IllegalStateException("a listener of the application failed");
        };
        closed(endPoint);

        assertFalse(channel.isOpen());
        assertEquals(1, selector.wakeUps);
    }

    @Test
    void neitherTheFrameworksFailureNorTheJdksIsThrownAtTheCaller() throws Exception {
        channel.failure = new IOException("Bad file descriptor");
        EndPoint endPoint = () -> {
            throw new AssertionError("an Error of the application's");
        };
        closed(endPoint);

        assertEquals(1, selector.wakeUps);
    }

    @Test
    void theClientOfJettyIsAbortedWithTheCauseBeforeItsEndPointAlsoBelowTls() throws Exception {
        for (boolean tls : List.of(false, true)) {
            var calls = new ArrayList<String>();
            Object client = new HttpConnectionOverHTTP(calls);
            Object connection = tls ? new SslConnection(new JettyEndPoint(client, new ArrayList<>())) : client;
            Owner owner = closed(new JettyEndPoint(connection, calls));
            assertFalse(owner.handsBack(), "it would take its own read of a reset for a normal end");
            assertEquals(List.of("client: Connection reset", "end point: Connection reset", "end point"), calls);
        }
    }

    // -- Tomcat's

    /** The cause, without which a listener would be told of null. */
    private static final String ERROR = "error: Connection reset";

    @Test
    void aTomcatConnectionIsToldOfAnErrorOnTomcatsExecutor() throws Exception {
        var wrapper = new RelocatedWrapper();
        Owner owner = closed(wrapper);
        assertEquals(List.of(), wrapper.calls(), "not on our thread");

        wrapper.runExecutor();
        assertEquals(List.of(ERROR, "ERROR here"), wrapper.calls());
        assertTrue(channel.isOpen(), "Tomcat closes it");
        assertEquals(1, selector.wakeUps, "its poller would select only once a second");
        assertNamed("Tomcat", wrapper, owner);
    }

    @Test
    void aTomcatConnectionWhoseRequestIsStuckIsJustClosed() throws Exception {
        var wrapper = new RelocatedWrapper();
        Thread request = new Thread(wrapper.getLock()::lock);
        request.start();
        request.join();
        closed(wrapper);
        wrapper.runExecutor();

        assertEquals(List.of(ERROR, "close"), wrapper.calls());
    }

    @Test
    void aTomcatWhoseExecutorHasNoThreadToSpareIsNotWaitedForTwice() throws Exception {
        var wrapper = new RelocatedWrapper();
        SelectionKey[] keys = keys(wrapper);
        Owner owner = Owner.of(keys);
        owner.close(channel, keys, 1, RESET);
        owner.close(channel, keys, 2, RESET);
        assertEquals(List.of("close"), wrapper.calls());

        wrapper.runExecutor();
        assertEquals(List.of("close", "close"), wrapper.calls(), "closing is harmless when repeated");
    }

    @Test
    void aStoppedTomcatNeedsNoExecutor() throws Exception {
        var wrapper = new RelocatedWrapper();
        wrapper.stop();
        closed(wrapper);

        assertEquals(List.of(ERROR, "ERROR here"), wrapper.calls());
    }

    // -- XNIO's

    @Test
    void anXnioConnectionIsClosedOnItsIoThreadAndThenTerminatedFromTheTop() throws Exception {
        var connection = new RelocatedConnection();
        Owner owner = closed(new NioSocketConduit(connection));
        assertEquals(List.of(), connection.calls(), "not on our thread");

        connection.runIoThread();
        assertEquals(List.of("close", "forceTermination"), connection.calls());
        assertTrue(channel.isOpen(), "XNIO closes it");
        assertNamed("XNIO", connection, owner);
    }

    @Test
    void anXnioHandleWithoutConnectionIsClosedAsAJdkChannel() throws Exception {
        Owner owner = closed(new NioSocketConduit(null));

        assertInstanceOf(JdkOwner.class, owner);
        assertTrue(owner.name().contains(NioHandle.class.getPackageName()), owner.name());
        assertFalse(channel.isOpen());
    }

    /** XNIO's own conduits tell the end of input once they are closed, and those of an HTTP body once they are terminated. */
    @Test
    void aConsumerOfXnioThatReadsOnLaterIsToldOfAFailure() throws Exception {
        for (boolean tls : List.of(false, true)) {
            var connection = new RelocatedConnection();
            var conduit = new NioSocketConduit(connection);
            var source = new ConduitStreamSourceChannel(new AbstractSourceConduit(conduit));
            ReadReadyHandler handler = ReadReadyHandler.timed(new ChannelListenerHandler(source, connection.calls()));
            conduit.setReadReadyHandler(tls ? new SslReadReadyHandler(handler) : handler);
            closed(conduit);
            connection.runIoThread();

            assertEquals(List.of("close", "forceTermination", "terminateReads"), connection.calls());
            assertReset(source);
            source.getConduit().resumeReads();
            connection.runIoThread();
            assertEquals("readReady", connection.calls().get(3), "its listener reads");
        }
    }

    @Test
    void anUndertowThatPutsItsOwnConduitBackWhenItHearsOfTheCloseIsToldOfAFailureLater() throws Exception {
        var connection = new RelocatedConnection();
        var conduit = new NioSocketConduit(connection);
        var source = new ConduitStreamSourceChannel(conduit);
        conduit.setReadReadyHandler(new ChannelListenerHandler(source, connection.calls()));
        connection.whenClosed(() -> {
            assertReset(source);
            source.setConduit(conduit);
        });
        closed(conduit);
        connection.runIoThread();

        assertReset(source);
    }

    private static void assertReset(ConduitStreamSourceChannel source) {
        var failure = assertThrows(SocketException.class, () -> source.read(ByteBuffer.allocate(1)));
        assertEquals("Connection reset", failure.getMessage());
    }

    // -- Grizzly's and MINA's

    @Test
    void theFiltersOfAGrizzlyConnectionAreToldBeforeItIsTerminated() throws Exception {
        var connection = new RelocatedGrizzly();
        Owner owner = closed(connection);

        assertEquals(
                List.of("exceptionOccurred: Connection reset", "terminateWithReason: Connection reset"),
                connection.calls());
        assertTrue(channel.isOpen(), "Grizzly's selector thread closes it");
        assertFalse(owner.handsBack(), "it takes its own read of a reset for the end");
        assertNamed("Grizzly", connection, owner);
    }

    @Test
    void aGrizzlyConnectionWithoutFiltersIsTerminated() throws Exception {
        var connection = new RelocatedGrizzly();
        connection.setProcessor("another processor");
        closed(connection);

        assertEquals(List.of("terminateWithReason: Connection reset"), connection.calls());
    }

    @Test
    void aMinaSessionIsClosedNow() throws Exception {
        var closes = new AtomicInteger();
        IoSession session = closes::incrementAndGet;
        Owner owner = closed(session);

        assertEquals(1, closes.get());
        assertTrue(channel.isOpen(), "MINA's processor closes it");
        assertNamed("MINA", session, owner);
    }

    @Test
    void aMinaSessionIsToldOfTheFailureBeforeTheClose() throws Exception {
        var calls = new ArrayList<String>();
        closed(new IoSession() {
            @Override
            public Object closeNow() {
                return calls.add("closeNow");
            }

            @Override
            public IoFilterChain getFilterChain() {
                return cause -> calls.add(cause.getMessage());
            }
        });
        assertEquals(List.of("Connection reset", "closeNow"), calls);
    }

    // -- HttpCore's and Pekko's

    @Test
    void aSessionOfHttpCore5IsClosedAndNeverHandedBack() throws Exception {
        var session = new InternalDataChannel();
        Owner owner = closed(session);

        // The socket's first: a TLS session reads on when it is closed, and meets the reset.
        assertEquals(List.of("session GRACEFUL", "channel GRACEFUL"), session.closes());
        assertFalse(owner.handsBack(), "its client would repeat the request");
        assertNamed("HttpCore 5", session, owner);

        owner.close(channel, keys(session), 2, RESET);
        assertEquals("channel IMMEDIATE", session.closes().get(2));
    }

    @Test
    void aSessionOfHttpCore4IsShutDown() throws Exception {
        var shutdowns = new AtomicInteger();
        IOSession session = shutdowns::incrementAndGet;
        Owner owner = closed(session);

        assertEquals(1, shutdowns.get());
        assertTrue(owner.handsBack());
        assertNamed("HttpCore 4", session, owner);
    }

    @Test
    void aPekkoConnectionReadsOnAndThenIsAborted() throws Exception {
        var actor = new RelocatedActor();
        Owner owner = closed(actor);
        assertEquals(List.of(Tcp.ResumeReading$.MODULE$), actor.messages());

        owner.close(channel, keys(actor), 2, RESET);
        assertEquals(List.of(Tcp.ResumeReading$.MODULE$, Tcp.Abort$.MODULE$), actor.messages());
        assertNamed("Pekko", actor, owner);
    }

    private Owner closed(Object attachment) throws Exception {
        SelectionKey[] keys = keys(attachment);
        Owner owner = Owner.of(keys);
        owner.close(channel, keys, 1, RESET);
        return owner;
    }

    private SelectionKey[] keys(Object attachment) {
        return new SelectionKey[] {new ImaginaryKey(selector, attachment)};
    }

    private static void assertNamed(String framework, Object whom, Owner owner) {
        assertTrue(owner.name().startsWith(framework + " " + whom.getClass().getName()), owner.name());
    }

    private static final class RelocatedWrapper extends SocketWrapperBase {}

    private static final class RelocatedConnection extends Connection {}

    private record JettyEndPoint(Object getConnection, List<String> calls) implements EndPoint {
        @Override
        public void close() {
            calls.add("end point");
        }

        @Override
        public void close(Throwable cause) {
            calls.add("end point: " + cause.getMessage());
        }
    }

    private static final class RelocatedActor extends ActorRef {}

    private static final class RelocatedGrizzly extends NIOConnection {}
}
