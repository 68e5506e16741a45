package io.socketreaper.stack.tls;

import static io.socketreaper.stack.TcpConnection.REPLY;
import static io.socketreaper.stack.TcpConnection.UNREAD;
import static io.socketreaper.stack.TcpConnection.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.TcpConnection;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.stack.tls.TlsPair.Layering;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the JDK's TLS tells of a socket that the socket below does not: input that waits in it, threads inside it, its end. */
@Timeout(60)
class TlsEvidenceTest {
    private static final ProcDescriptors DESCRIPTORS = new ProcDescriptors(Clock.SYSTEM);
    private static final ClassicSocketStack STACK = new ClassicSocketStack(DESCRIPTORS);
    private static final int RECORD = 16_000;

    private TlsPair tls;
    private SocketHandle handle;

    @BeforeAll
    static void resolve() throws ReflectiveOperationException {
        assumeTrue(
                SSLSocket.class.getModule().isOpen("sun.security.ssl", TlsEvidenceTest.class.getModule()),
                "needs --add-opens java.base/sun.security.ssl=ALL-UNNAMED");
        STACK.resolve();
        STACK.proven();
    }

    static Stream<Arguments> owning() {
        return Stream.of(Layering.OWN, Layering.AUTO_CLOSE)
                .flatMap(layering -> Stream.of("TLSv1.2", "TLSv1.3").map(protocol -> Arguments.of(layering, protocol)));
    }

    private void open(Layering layering, String protocol, Layering peers) throws Exception {
        tls = new TlsPair(layering, protocol, peers);
        handle = STACK.handle(STACK.implementationOf(tls.below));
        handle.heldThrough(tls.ours);
        handle.snapshot();
    }

    private void open(Layering layering, String protocol) throws Exception {
        open(layering, protocol, Layering.OWN);
    }

    @AfterEach
    void close() throws IOException {
        if (tls != null) {
            tls.close();
        }
    }

    private TlsLayer.Facts facts() {
        return STACK.tls().facts(tls.ours);
    }

    private static ReentrantLock lock(Object owner, String name) throws ReflectiveOperationException {
        return (ReentrantLock) member(owner, owner.getClass(), name);
    }

    private static Object member(Object owner, Class<?> type, String name) throws ReflectiveOperationException {
        try {
            var field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field.get(owner);
        } catch (NoSuchFieldException inherited) {
            if (type.getSuperclass() == null) {
                throw inherited;
            }
            return member(owner, type.getSuperclass(), name);
        }
    }

    private ReentrantLock readLock() throws ReflectiveOperationException {
        return lock(member(tls.ours, tls.ours.getClass(), "appInput"), "readLock");
    }

    private ReentrantLock writeLock() throws ReflectiveOperationException {
        Object context = member(tls.ours, tls.ours.getClass(), "conContext");
        Object record = member(context, context.getClass(), "outputRecord");
        return (ReentrantLock) member(record, record.getClass(), "recordLock");
    }

    @ParameterizedTest
    @MethodSource("owning")
    void decryptedInputThatIsNotReadIsCounted(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        assertEquals(new TlsLayer.Facts(0, false, false, false), facts());
        tls.peer.getOutputStream().write(new byte[RECORD]);
        InputStream input = tls.ours.getInputStream();
        input.readNBytes(80);
        assertEquals(RECORD - 80, handle.snapshot().plaintext());
        assertEquals(0, handle.snapshot().unreadBytes());
        assertTrue(handle.snapshot().unread());
        input.readNBytes(1000);
        assertEquals(RECORD - 1080, handle.snapshot().plaintext());
        input.readNBytes(RECORD - 1080);
        assertEquals(0, facts().plaintext());
    }

    /** Unread bytes of the socket below are encrypted, and they fill its window as any others. */
    @ParameterizedTest
    @MethodSource("owning")
    void encryptedInputFillsTheWindowOfTheSocketBelow(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        var sender = new Thread(() -> {
            try {
                while (true) {
                    tls.peer.getOutputStream().write(new byte[RECORD]);
                }
            } catch (IOException closed) {
                // the test is over
            }
        });
        sender.setDaemon(true);
        sender.start();
        await("the receive window is full", () -> handle.fullCheck() == SocketHandle.QuickCheck.SIGN);
        tls.ours.getInputStream().readNBytes(80);
        await("it is full again", () -> handle.snapshot().isWindowFull());

        SocketSnapshot snapshot = handle.snapshot();
        assertEquals(LeakKind.WINDOW_FULL, snapshot.kind());
        assertEquals(RECORD - 80, snapshot.plaintext());
        assertFalse(snapshot.reading());
        assertNotNull(handle.claim(SocketSnapshot::isWindowFull));
        // The reset ends the peer's write.
        sender.join();
    }

    /** It was taken from the socket below, and a read that timed out has not delivered it. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRecordThatCameInPartIsCounted(String protocol) throws Exception {
        open(Layering.OWN, protocol, Layering.KEEP);
        tls.belowPeer.getOutputStream().write(new byte[] {23, 3, 3, 0, 100, 1, 2, 3, 4, 5, 6, 7});
        tls.ours.setSoTimeout(50);
        InputStream input = tls.ours.getInputStream();
        await("a part of a record", () -> {
            assertThrows(SocketTimeoutException.class, input::read);
            return facts().plaintext() == 12;
        });
        assertEquals(0, handle.snapshot().unreadBytes());
    }

    @ParameterizedTest
    @MethodSource("owning")
    void whoeverIsInsideAReadOrAHandshakeIsAReader(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        assertFalse(handle.snapshot().reading());
        for (ReentrantLock lock : new ReentrantLock[] {readLock(), lock(tls.ours, "handshakeLock")}) {
            whileHeld(lock, () -> {
                assertTrue(handle.snapshot().reading());
                assertNull(handle.claim(any -> true));
            });
            assertFalse(handle.snapshot().reading());
        }
        assertNotNull(handle.claim(any -> true));
    }

    @ParameterizedTest
    @MethodSource("owning")
    void whoeverIsInsideAWriteIsAWriterAlsoBetweenTwoRecords(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        assertFalse(handle.snapshot().writing());
        whileHeld(writeLock(), () -> {
            assertTrue(handle.snapshot().writing());
            assertFalse(handle.snapshot().reading());
            assertNull(handle.claim(any -> true));
        });
        assertFalse(handle.snapshot().writing());
        assertNotNull(handle.claim(any -> true));
    }

    @FunctionalInterface
    private interface Act {
        void run() throws Exception;
    }

    private static void whileHeld(ReentrantLock lock, Act act) throws Exception {
        var held = new CountDownLatch(1);
        var done = new CountDownLatch(1);
        var holder = new Thread(() -> {
            lock.lock();
            try {
                held.countDown();
                done.await();
            } catch (InterruptedException endOfTest) {
                Thread.currentThread().interrupt();
            } finally {
                lock.unlock();
            }
        });
        holder.start();
        held.await();
        try {
            act.run();
        } finally {
            done.countDown();
            holder.join();
        }
    }

    @ParameterizedTest
    @MethodSource("owning")
    void aSpareClaimLeavesEveryLockFree(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        assertNull(handle.claim(any -> false));
        assertEquals(new TlsLayer.Facts(0, false, false, false), facts());
        tls.peer.getOutputStream().write(7);
        assertEquals(7, tls.ours.getInputStream().read());
        tls.ours.getOutputStream().write(8);
        assertEquals(8, tls.peer.getInputStream().read());
    }

    @ParameterizedTest
    @MethodSource("owning")
    void releasedInSpiteOfDecryptedInputItNeverReadsAnEnd(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        tls.peer.getOutputStream().write(new byte[1000]);
        InputStream input = tls.ours.getInputStream();
        input.readNBytes(10);
        tls.ours.shutdownOutput();
        assertNull(handle.claim(seen -> seen.plaintext() == 0));
        Claim claim = handle.claim(any -> true);
        assertEquals(990, claim.snapshot().plaintext());
        assertThrows(IOException.class, input::read);
        claim.close();
        assertThrows(IOException.class, input::read);
        assertThrows(IOException.class, () -> input.readNBytes(5));
        assertEquals(0, facts().plaintext(), "nobody can have it any more");
    }

    /** As after a plain socket's own -1. */
    @ParameterizedTest
    @MethodSource("owning")
    void oneWhoseInputHasEndedInOrderGoesOnTellingSo(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        tls.peer.getOutputStream().write(UNREAD.getBytes(US_ASCII));
        tls.peer.shutdownOutput();
        InputStream input = tls.ours.getInputStream();
        var output = tls.ours.getOutputStream();
        assertEquals(UNREAD, new String(input.readAllBytes(), US_ASCII));
        String link = DESCRIPTORS.link(handle.descriptor());
        Claim claim = handle.claim(any -> true);
        assertEquals(-1, input.read());
        claim.close();
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
        assertEquals(-1, input.read());
        assertEquals(0, input.readAllBytes().length);
        assertThrows(IOException.class, () -> output.write(1));
        assertTrue(tls.ours.isClosed());
    }

    /** A FIN without close_notify; the JDK takes it for an end of input when it reads it. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void oneWhosePeerHasLeftWithoutAWordThrowsUnlessTheEndWasRead(String protocol) throws Exception {
        open(Layering.OWN, protocol, Layering.KEEP);
        tls.belowPeer.shutdownOutput();
        await("the peer's FIN", () -> handle.snapshot().endOfInput());
        InputStream input = tls.ours.getInputStream();
        handle.claim(any -> true).close();
        assertThrows(IOException.class, input::read);
        assertThrows(IOException.class, input::read);
        close();

        open(Layering.OWN, protocol, Layering.KEEP);
        tls.belowPeer.shutdownOutput();
        InputStream told = tls.ours.getInputStream();
        assertEquals(-1, told.read());
        handle.claim(any -> true).close();
        assertEquals(-1, told.read());
    }

    /** With TLS 1.2 the JDK answers a close_notify with its own and the FIN; then nothing can pass, and it is not closed. */
    @ParameterizedTest
    @ValueSource(strings = {"OWN", "AUTO_CLOSE"})
    void tls12IsOverOnceThePeersCloseNotifyWasRead(Layering layering) throws Exception {
        open(layering, "TLSv1.2", Layering.KEEP);
        tls.ours.getOutputStream().write(REPLY.getBytes(US_ASCII));
        tls.peer.shutdownOutput();
        assertFalse(facts().over());
        assertEquals(-1, tls.ours.getInputStream().read());
        assertTrue(facts().over());
        assertFalse(tls.ours.isClosed());
        await("FIN acknowledged", () -> handle.snapshot().tcpState() == TcpState.FIN_WAIT2);
        assertTrue(handle.snapshot().outputShut());
        assertTrue(handle.snapshot().tlsOver());
        assertFalse(handle.snapshot().unread());
        assertEquals(Grade.STRONG, new Evidence(handle.snapshot(), 1, 1, false).grade());
        handle.claim(any -> true).close();
        assertEquals(REPLY, new String(tls.peer.getInputStream().readAllBytes(), US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"OWN", "AUTO_CLOSE"})
    void tls13IsOverOnceBothHaveSaidSo(Layering layering) throws Exception {
        open(layering, "TLSv1.3", Layering.KEEP);
        tls.peer.shutdownOutput();
        assertEquals(-1, tls.ours.getInputStream().read());
        assertFalse(facts().over(), "we may still write");
        assertEquals(TcpState.ESTABLISHED, handle.snapshot().tcpState());
        tls.ours.shutdownOutput();
        assertTrue(facts().over());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void oneWhoseSocketGoesOnWithoutTlsIsNotOver(String protocol) throws Exception {
        open(Layering.KEEP, protocol, Layering.KEEP);
        tls.peer.shutdownOutput();
        assertEquals(-1, tls.ours.getInputStream().read());
        tls.ours.shutdownOutput();
        assertFalse(facts().over());
        tls.below.getOutputStream().write(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theLayerStaysKnownWhenTheSocketBelowIsShutDirectly(String protocol) throws Exception {
        open(Layering.AUTO_CLOSE, protocol);
        tls.below.shutdownOutput();
        handle.heldThrough(tls.below);
        handle.claim(any -> true).close();
        assertTrue(tls.ours.isClosed());
    }

    /** A write that has passed the check for a broken connection and waits for the lock while we claim. */
    @ParameterizedTest
    @MethodSource("owning")
    void aWriterThatComesWhileItIsClaimedFailsWhole(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        var output = tls.ours.getOutputStream();
        ReentrantLock writeLock = writeLock();
        var write = new FutureTask<>(() -> assertThrows(IOException.class, () -> output.write(new byte[100_000])));
        Claim claim = handle.claim(seen -> {
            new Thread(write).start();
            await("a writer", writeLock::hasQueuedThreads);
            return true;
        });
        write.get(10, TimeUnit.SECONDS);
        claim.close();
        assertEquals(0, bytesRead(tls.peer.getInputStream()));
    }

    private static int bytesRead(InputStream input) {
        int count = 0;
        try {
            while (input.read() >= 0) {
                count++;
            }
        } catch (IOException ended) {
            // as well
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void oneThatIsNotBuiltTheWayWeKnowCountsAsInUse(String protocol) throws Exception {
        open(Layering.OWN, protocol);
        var unknown = new TlsLayer(tls.ours.getClass(), null);
        assertEquals(TlsLayer.Facts.UNKNOWN, unknown.facts(tls.ours));
        assertTrue(unknown.facts(tls.ours).reading());
        assertFalse(unknown.layer(tls.ours).tryLock());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void oneOverAChannelsAdaptorTellsOfTheChannel(String protocol) throws Exception {
        tls = new TlsPair(Layering.OVER_CHANNEL, protocol);
        assertEquals(tls.below.getChannel(), STACK.implementationOf(tls.ours));
        handle = TcpConnection.handleOf(tls.below.getChannel());
        handle.heldThrough(tls.ours);
        assertFalse(handle.snapshot().reading());
        for (ReentrantLock lock : new ReentrantLock[] {readLock(), lock(tls.ours, "handshakeLock")}) {
            whileHeld(lock, () -> {
                assertTrue(handle.snapshot().reading());
                assertNull(handle.claim(any -> true));
            });
        }
        tls.peer.getOutputStream().write(UNREAD.getBytes(US_ASCII));
        InputStream input = tls.ours.getInputStream();
        input.read();
        assertEquals(UNREAD.length() - 1, handle.snapshot().plaintext());
        Claim claim = handle.claim(any -> true);
        assertThrows(IOException.class, input::read);
        claim.close();
        assertThrows(IOException.class, input::read);
    }

    /** {@code close()} of the application tries the read lock once, and where it is held leaves the input unread: a reset. */
    @ParameterizedTest
    @MethodSource("owning")
    void aLookHoldsNoLock(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        ReentrantLock[] locks = {readLock(), lock(tls.ours, "handshakeLock"), writeLock()};
        var looking = new FutureTask<>(() -> {
            for (int i = 0; i < 20_000; i++) {
                handle.snapshot();
            }
            return null;
        });
        var looker = new Thread(looking);
        looker.start();
        while (looker.isAlive()) {
            for (ReentrantLock lock : locks) {
                assertTrue(lock.tryLock());
                lock.unlock();
            }
        }
        looking.get();
    }

    /** The application reads what was decrypted while the agent looks and claims: every byte is right, or the read throws. */
    @RepeatedTest(50)
    void aReaderIsGivenRightBytesOrAnError() throws Exception {
        open(Layering.OWN, Math.random() < 0.5 ? "TLSv1.2" : "TLSv1.3");
        byte[] sent = new byte[RECORD];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = (byte) (i * 31 >> 3);
        }
        tls.peer.getOutputStream().write(sent);
        tls.ours.shutdownOutput();
        InputStream input = tls.ours.getInputStream();
        assertEquals(sent[0], (byte) input.read());
        var reader = new FutureTask<>(() -> {
            int at = 1;
            byte[] line = new byte[7];
            try {
                while (at < sent.length) {
                    int count = input.read(line);
                    assertNotEquals(-1, count, "an end of input at " + at);
                    for (int i = 0; i < count; i++) {
                        assertEquals(sent[at + i], line[i]);
                    }
                    at += count;
                }
                return "all";
            } catch (IOException condemned) {
                return "error at " + at;
            }
        });
        new Thread(reader).start();
        int looks = 0;
        int last = RECORD;
        Claim claim = null;
        int patience = (int) (Math.random() * 200);
        while (!reader.isDone() && claim == null) {
            int plaintext = facts().plaintext();
            assertTrue(plaintext >= 0 && plaintext <= last, plaintext + " after " + last);
            last = plaintext;
            if (++looks > patience) {
                claim = handle.claim(seen -> !seen.reading());
            }
        }
        String end = reader.get(10, TimeUnit.SECONDS);
        if (claim == null) {
            assertEquals("all", end);
        } else {
            claim.close();
            assertThrows(IOException.class, input::read);
        }
    }
}
