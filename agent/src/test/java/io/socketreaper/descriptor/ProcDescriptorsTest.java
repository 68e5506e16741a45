package io.socketreaper.descriptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.socketreaper.model.Clock;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.stack.RawDescriptor;
import io.socketreaper.stack.TcpConnection;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcDescriptorsTest {
    private static final int NEVER_OPEN = 1_000_000_000;

    private final ProcDescriptors descriptors = new ProcDescriptors(Clock.SYSTEM);
    private final UnixOperatingSystemMXBean jvm =
            (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    @Test
    void aSocketsLinkNamesItsInode() throws Exception {
        try (var connection = TcpConnection.open()) {
            assertTrue(descriptors.link(connection.descriptor).matches("socket:\\[\\d+]"));
            assertEquals(connection.link, descriptors.link(connection.descriptor));
        }
    }

    @Test
    void aClosedDescriptorHasNoLink() {
        assertNull(descriptors.link(NEVER_OPEN));
        assertNull(descriptors.link(-1));
    }

    @Test
    void aNumberThatIsUsedAgainHasAnotherLink(@TempDir Path directory) throws Exception {
        var connection = TcpConnection.open();
        connection.close();
        var files = new RandomAccessFile[64];
        try {
            for (int i = 0; i < files.length; i++) {
                files[i] = new RandomAccessFile(
                        Files.createFile(directory.resolve("file" + i)).toFile(), "r");
            }
            assertNotEquals(connection.link, descriptors.link(connection.descriptor));
        } finally {
            for (RandomAccessFile file : files) {
                if (file != null) {
                    file.close();
                }
            }
        }
    }

    @Test
    void theCensusCountsAsTheJvmDoes() throws Exception {
        // Both count once before, so that neither opens a class file in between.
        descriptors.census();
        jvm.getOpenFileDescriptorCount();
        try (var one = TcpConnection.open();
                var two = TcpConnection.open()) {
            TcpConnection.await(
                    "the same count twice", () -> descriptors.census().open() == jvm.getOpenFileDescriptorCount());
        }
    }

    @Test
    void aLimitThatSomebodyChangesIsSeenAndRoomForACommandIsNoChange() throws Exception {
        long before = descriptors.limit();
        try {
            limit(before - 2);
            assertEquals(before - 2, descriptors.limit());
            descriptors.room(before - 2, before - 7);
            assertEquals(before - 7, descriptors.limit());
            assertEquals(before - 7, descriptors.census().limit());
            limit(before - 1);
            assertEquals(before - 1, descriptors.limit());
        } finally {
            limit(before);
        }
    }

    @Test
    void roomForACommandIsFreeUntilItIsUsed() throws Exception {
        long before = descriptors.limit();
        int free = descriptors.free();
        assertTrue(free > 0 && free < before, () -> free + " of " + before);
        try {
            limit(before - 2);
            descriptors.room(before - 2, 1);
            assertEquals(Integer.MAX_VALUE, descriptors.free());
            descriptors.usedUp();
            assertEquals(0, descriptors.free());
        } finally {
            limit(before);
        }
    }

    /** The soft one of this process. */
    private static void limit(long limit) throws Exception {
        var prlimit = new ProcessBuilder(
                        "prlimit",
                        "--pid",
                        Long.toString(ProcessHandle.current().pid()),
                        "--nofile=" + limit + ":")
                .inheritIO()
                .start();
        assertTrue(prlimit.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, prlimit.exitValue());
    }

    @Test
    void theCensusKnowsTheLimit() {
        assertEquals(jvm.getMaxFileDescriptorCount(), descriptors.census().limit());
    }

    @Test
    void aSocketWithASecondDescriptorIsShared() throws Throwable {
        try (var connection = TcpConnection.open()) {
            assertFalse(descriptors.census().shared().contains(connection.link));
            int second = RawDescriptor.dup(connection.descriptor);
            try {
                assertEquals(connection.link, descriptors.link(second));
                assertTrue(descriptors.census().shared().contains(connection.link));
            } finally {
                RawDescriptor.close(second);
            }
            assertFalse(descriptors.census().shared().contains(connection.link));
        }
    }

    @Test
    void whateverHappensDuringACensusCountsAsLater() {
        long[] now = {41};
        assertEquals(42, new ProcDescriptors(() -> ++now[0]).census().nanoTime());
        assertEquals(42, now[0]);
    }

    @Test
    void openCountsAsTheJvmDoes() throws Exception {
        settled(prepared());
        long reserved = descriptors.open() - jvm.getOpenFileDescriptorCount();
        try (var one = TcpConnection.open();
                var two = TcpConnection.open()) {
            TcpConnection.await(
                    "the same count twice",
                    () -> descriptors.open() - jvm.getOpenFileDescriptorCount() == reserved
                            && one.ours.isOpen()
                            && two.ours.isOpen());
        }
    }

    /** The attach listener of this JVM waits in such a call, too, once another process has attached. */
    @Test
    void aNumberThatACallHasReservedIsInUseAlthoughItIsNotListed() throws Exception {
        var prepared = prepared();
        long reserved = prepared.open() - settled(prepared).total();
        try (var listening = TcpConnection.listen()) {
            var accepting = new Thread(() -> accept(listening), "accept");
            accepting.setDaemon(true);
            accepting.start();
            TcpConnection.await(
                    "one more in use than there are",
                    () -> prepared.open() - prepared.inventory(Set.of()).kinds().total() == reserved + 1);
            assertTrue(accepting.isAlive());
        }
    }

    private static void accept(ServerSocketChannel listening) {
        try {
            listening.accept();
        } catch (IOException closed) {
            // at the end of the test
        }
    }

    @Test
    void theLimitIsTheSoftOne() {
        assertEquals(jvm.getMaxFileDescriptorCount(), descriptors.limit());
        assertEquals(jvm.getMaxFileDescriptorCount(), prepared().limit());
    }

    // -- By kind

    @Test
    void everyKindOfDescriptorIsCounted(@TempDir Path directory) throws Exception {
        var prepared = prepared();
        var pipe = Pipe.open();
        DescriptorKinds before = settled(prepared);
        long reserved = descriptors.open() - before.total();
        try (var established = TcpConnection.open();
                var ended = TcpConnection.open();
                var finished = TcpConnection.open();
                var never = SocketChannel.open();
                var udp = DatagramChannel.open();
                var unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                var listening = TcpConnection.listen();
                var selector = Selector.open();
                var file = new RandomAccessFile(
                        Files.createFile(directory.resolve("file")).toFile(), "r")) {
            unix.bind(UnixDomainSocketAddress.of(directory.resolve("socket")));
            // ours is in FIN_WAIT2, its peer in CLOSE_WAIT
            ended.ours.shutdownOutput();
            finished.ours.shutdownOutput();
            finished.peer.shutdownOutput();
            TcpConnection.await("every kind", () -> {
                DescriptorKinds now = prepared.inventory(Set.of()).kinds();
                return now.count(DescriptorKind.ESTABLISHED) - before.count(DescriptorKind.ESTABLISHED) == 2
                        && now.count(DescriptorKind.FIN_WAIT) - before.count(DescriptorKind.FIN_WAIT) == 1
                        && now.count(DescriptorKind.CLOSE_WAIT) - before.count(DescriptorKind.CLOSE_WAIT) == 1
                        && now.count(DescriptorKind.FINISHED) - before.count(DescriptorKind.FINISHED) == 3
                        && now.count(DescriptorKind.LISTEN) - before.count(DescriptorKind.LISTEN) == 1
                        && now.count(DescriptorKind.OTHER_SOCKETS) - before.count(DescriptorKind.OTHER_SOCKETS) == 2
                        && now.count(DescriptorKind.PIPES) == before.count(DescriptorKind.PIPES)
                        && now.count(DescriptorKind.FILES) - before.count(DescriptorKind.FILES) == 1
                        && now.count(DescriptorKind.SELECTORS) - before.count(DescriptorKind.SELECTORS) == 1
                        && now.count(DescriptorKind.EVENTFDS) - before.count(DescriptorKind.EVENTFDS) == 1
                        && now.count(DescriptorKind.OTHERS) == before.count(DescriptorKind.OTHERS)
                        && now.total() + reserved == descriptors.open();
            });
        } finally {
            pipe.source().close();
            pipe.sink().close();
        }
        TcpConnection.await(
                "two pipe ends less",
                () -> prepared.inventory(Set.of()).kinds().count(DescriptorKind.PIPES)
                        == before.count(DescriptorKind.PIPES) - 2);
    }

    /** The counts once no socket of an earlier test is closed any more: those of dropped channels are, after a collection. */
    private static DescriptorKinds settled(ProcDescriptors descriptors) {
        System.gc();
        var last = new DescriptorKinds[] {DescriptorKinds.NONE};
        var equal = new int[1];
        TcpConnection.await("the same counts 200 times in a row", () -> {
            DescriptorKinds now = descriptors.inventory(Set.of()).kinds();
            equal[0] = now.equals(last[0]) ? equal[0] + 1 : 0;
            last[0] = now;
            return equal[0] >= 200;
        });
        return last[0];
    }

    @Test
    void finishedSocketsThatNobodyKnowsAreUntracked() throws Exception {
        var prepared = prepared();
        int before = settled(prepared).count(DescriptorKind.UNTRACKED);
        try (var one = TcpConnection.open();
                var two = TcpConnection.open()) {
            one.ours.shutdownOutput();
            one.peer.shutdownOutput();
            TcpConnection.await(
                    "both ends are finished",
                    () -> prepared.inventory(Set.of()).kinds().count(DescriptorKind.UNTRACKED) == before + 2);
            long known = Descriptors.inode(one.link);
            assertEquals(
                    before + 1,
                    prepared.inventory(Set.of(known, Descriptors.inode(two.link)))
                            .kinds()
                            .count(DescriptorKind.UNTRACKED));
        }
    }

    @Test
    void socketsThatNobodyKnowsAreNamedWithTheirKind() throws Exception {
        var prepared = prepared();
        try (var one = TcpConnection.open();
                var two = TcpConnection.open();
                var known = TcpConnection.open()) {
            one.ours.shutdownOutput();
            two.peer.shutdownOutput();
            known.ours.shutdownOutput();
            TcpConnection.await("both ends are seen", () -> {
                var unwatched = prepared.inventory(Set.of(Descriptors.inode(known.link)))
                        .unwatched();
                return unwatched.get(Descriptors.inode(one.link)) == DescriptorKind.UNWATCHED_FIN_WAIT
                        && unwatched.get(Descriptors.inode(two.link)) == DescriptorKind.UNWATCHED_CLOSE_WAIT
                        && !unwatched.containsKey(Descriptors.inode(known.link));
            });
        }
    }

    /** Why one look cannot tell a lost socket from one that a healthy server is closing. */
    @Test
    void aClosedChannelIsFinishedUntilTheNextSelectionOfItsSelector() throws Exception {
        var prepared = prepared();
        try (var selector = Selector.open();
                var one = TcpConnection.open()) {
            long inode = Descriptors.inode(one.link);
            one.ours.configureBlocking(false);
            one.ours.register(selector, SelectionKey.OP_READ);
            one.ours.close();
            one.peer.close();
            TcpConnection.await(
                    "it is finished",
                    () -> prepared.inventory(Set.of()).unwatched().get(inode) == DescriptorKind.UNTRACKED);
            selector.selectNow();
            assertFalse(prepared.inventory(Set.of()).unwatched().containsKey(inode));
        }
    }

    @Test
    void withoutTheKernelsHelpEverySocketIsOfAnotherKind() throws Exception {
        try (var connection = TcpConnection.open()) {
            DescriptorKinds kinds = descriptors.inventory(Set.of()).kinds();
            assertEquals(0, kinds.count(DescriptorKind.ESTABLISHED));
            assertTrue(kinds.count(DescriptorKind.OTHER_SOCKETS) >= 2, kinds.toString());
        }
    }

    private static ProcDescriptors prepared() {
        var descriptors = new ProcDescriptors(Clock.SYSTEM);
        descriptors.prepare(TcpConnection.stack().kernel());
        return descriptors;
    }
}
