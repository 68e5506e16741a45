package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** On what JDK 17 to 25 print. */
class HeapUseTest {
    private static final long KILO = 1024;

    @Test
    void g1() {
        String said = """
                 garbage-first heap   total 514048K, used 12345K [0x0000000604800000, 0x0000000800000000)
                  region size 2048K, 7 young (14336K), 0 survivors (0K)
                 Metaspace       used 1000K, committed 1152K, reserved 1114112K
                  class space    used 86K, committed 192K, reserved 1048576K
                """;
        assertEquals(OptionalLong.of(12345 * KILO), HeapUse.bytes(said));
        assertEquals(
                OptionalLong.of(11264 * KILO),
                HeapUse.bytes(
                        " garbage-first heap   total reserved 8192000K, committed 514048K, used 11264K [0x0, 0x1)\n"
                                + " Metaspace       used 1000K, committed 1152K"));
    }

    @Test
    void generationsAreAddedUp() {
        assertEquals(OptionalLong.of((7895 + 100) * KILO), HeapUse.bytes("""
                         PSYoungGen      total 153088K, used 7895K [0x0, 0x1, 0x2)
                          eden space 131584K, 6% used [0x0,0x1,0x2)
                          from space 21504K, 0% used [0x0,0x1,0x2)
                         ParOldGen       total 349696K, used 100K [0x0, 0x1, 0x2)
                          object space 349696K, 0% used [0x0,0x1,0x2)
                         Metaspace       used 5000K
                        """));
    }

    @Test
    void zgcAndShenandoah() {
        assertEquals(
                OptionalLong.of(12 * KILO * KILO),
                HeapUse.bytes(" ZHeap           used 12M, capacity 512M, max capacity 8016M\n Metaspace used 1K"));
        assertEquals(
                OptionalLong.of(20 * KILO * KILO),
                HeapUse.bytes(
                        "Shenandoah Heap\n 512M max, 512M soft max, 30M committed, 20M used\n 256 x 2048 K regions"));
    }

    @Test
    void otherWordsAreNoNumber() {
        assertEquals(OptionalLong.empty(), HeapUse.bytes("heap: 5 things"));
    }

    @Test
    void sizesForPeople() {
        assertEquals("1 MB", HeapUse.text(5));
        assertEquals("640 MB", HeapUse.text(640 * KILO * KILO));
        assertEquals("2.5 GB", HeapUse.text(2560 * KILO * KILO));
    }
}
