package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.World;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class SocketChainsTest {
    private static final int BLOCK = SocketChains.BLOCK;
    /** The last block is not a whole one. */
    private static final int CHAINS = 5 * BLOCK + 3;

    private final World world = new World("");
    private final SocketChains<Suspect> chains = new SocketChains<>(CHAINS);

    @Test
    void aWalkComesToBlocksThatHaveHadAnEntryOnly() {
        assertEquals(CHAINS, chains.nextUsed(0));

        chains.add(2 * BLOCK + 7, suspect());
        assertEquals(2 * BLOCK, chains.nextUsed(0));
        assertEquals(2 * BLOCK + 1, chains.nextUsed(2 * BLOCK + 1));
        assertEquals(CHAINS, chains.nextUsed(3 * BLOCK));

        chains.add(CHAINS - 1, suspect());
        assertEquals(5 * BLOCK, chains.nextUsed(3 * BLOCK));
        assertEquals(CHAINS - 1, chains.nextUsed(CHAINS - 1));
        assertEquals(CHAINS, chains.nextUsed(CHAINS));
    }

    @Test
    void aBlockWhoseEntriesAreGoneIsStillWalkedThrough() {
        Suspect first = suspect();
        chains.add(BLOCK, first);
        chains.remove(BLOCK, first);

        Suspect second = suspect();
        assertTrue(chains.replaceHead(BLOCK, null, second));
        assertEquals(BLOCK, chains.nextUsed(0));
        assertSame(second, chains.head(BLOCK));
    }

    @Test
    void chainsThatAreMadeLaterAreWalkedThrough() {
        var none = new SocketChains<Suspect>(0);
        assertEquals(0, none.nextUsed(0));

        none.makeRoom(CHAINS);
        none.add(BLOCK + 1, suspect());
        assertEquals(BLOCK, none.nextUsed(0));
    }

    /** What was added before a walk begins is met by it, whichever thread has added it. */
    @RepeatedTest(10)
    void aWalkMeetsAllThatWasAddedBefore() throws Exception {
        List<Suspect> suspects = Stream.generate(this::suspect).limit(CHAINS).toList();
        var added = new AtomicInteger();
        var threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<Void>> adders = new ArrayList<>();
            for (int thread = 0; thread < 3; thread++) {
                int own = thread;
                adders.add(threads.submit((Callable<Void>) () -> {
                    for (int chain = own; chain < CHAINS; chain += 3) {
                        chains.add(chain, suspects.get(chain));
                        added.incrementAndGet();
                    }
                    return null;
                }));
            }
            boolean last;
            do {
                last = adders.stream().allMatch(Future::isDone);
                int before = added.get();
                int met = walk();
                assertTrue(met >= before, before + " were added, and " + met + " met");
            } while (!last);
            for (Future<Void> adder : adders) {
                adder.get();
            }
            assertEquals(CHAINS, walk());
        } finally {
            threads.shutdownNow();
        }
    }

    /** How many chains with an entry it meets. */
    private int walk() {
        int met = 0;
        for (int chain = chains.nextUsed(0); chain < CHAINS; chain = chains.nextUsed(chain + 1)) {
            if (chains.head(chain) != null) {
                met++;
            }
        }
        return met;
    }

    private Suspect suspect() {
        return new Suspect(world.socket(), 0, 0, CapturedStack.NOT_SAMPLED, 0, 0);
    }
}
