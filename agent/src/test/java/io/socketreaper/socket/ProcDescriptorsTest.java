package io.socketreaper.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcDescriptorsTest {
    private static final int NEVER_OPEN = 1_000_000_000;

    private final Descriptors descriptors = new ProcDescriptors(Clock.SYSTEM);
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
                files[i] = new RandomAccessFile(Files.createFile(directory.resolve("file" + i)).toFile(), "r");
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
        try (var one = TcpConnection.open(); var two = TcpConnection.open()) {
            TcpConnection.await("the same count twice", () -> descriptors.census().open() == jvm.getOpenFileDescriptorCount());
        }
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
}
