package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.detect.Detector;
import io.socketreaper.detect.Pressure;
import io.socketreaper.detect.SocketEvents;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.counted.CountedStack;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every thread of the application passes through what the hook calls, virtual ones too. A lock there would pin those to their
 * carriers up to JDK 23, and could dead-lock with a class that is being loaded on any JDK; no run on a newer one would show it.
 */
class NoLockOnApplicationThreadsTest {
    private static final String HOOK = "sun/nio/ch/SocketReaperHook";
    /** Where the way leaves our classes: all of it takes no lock, or none that somebody else may hold for long. */
    private static final Set<String> ALLOWED = Set.of(
            "java/lang/Object.<init>",
            "java/lang/Object.getClass",
            "java/lang/Record.<init>",
            "java/lang/Integer.intValue",
            "java/lang/Math.max",
            "java/lang/Math.min",
            "java/lang/Class.getName",
            "java/lang/Class.getSuperclass",
            "java/lang/Class.isInstance",
            "java/lang/String.endsWith",
            "java/lang/String.equals",
            "java/lang/String.isEmpty",
            "java/lang/String.startsWith",
            "java/lang/System.identityHashCode",
            "java/lang/System.nanoTime",
            "java/lang/Thread.currentThread",
            "java/lang/Thread.getName",
            "java/lang/Thread.isAlive",
            "java/lang/Thread.isInterrupted",
            "java/lang/Thread.toString",
            "java/nio/channels/SelectionKey.attachment",
            "java/nio/channels/SelectionKey.isValid",
            "java/nio/channels/SelectionKey.selector",
            "java/lang/Throwable.<init>",
            "java/lang/IllegalStateException.<init>",
            "java/lang/ref/WeakReference",
            "java/lang/ref/PhantomReference.<init>",
            "java/util/Objects.requireNonNull",
            "jdk/internal/misc/Unsafe.getBoolean",
            "java/lang/invoke/VarHandle.get",
            "java/lang/invoke/MethodHandle.invokeExact",
            // which queue it is, see below
            "java/util/Queue.add",
            "java/util/Queue.poll",
            "java/util/concurrent/ConcurrentLinkedQueue",
            // A selection that hands channels back enters them there, in locks that are held for a moment; others look
            // only.
            "java/util/concurrent/ConcurrentHashMap",
            "java/util/Collection.iterator",
            "java/util/Iterator",
            "java/util/concurrent/atomic/AtomicInteger",
            "java/util/concurrent/atomic/AtomicIntegerArray",
            "java/util/concurrent/atomic/AtomicLong",
            "java/util/concurrent/atomic/AtomicReferenceArray",
            "java/util/concurrent/locks/LockSupport.unpark",
            // A selection looks whether a release has left something to it.
            "java/util/Queue.isEmpty",
            "java/util/Queue.size",
            "java/util/concurrent/atomic/AtomicBoolean",
            "java/nio/channels/Selector.wakeup",
            // Reads a field.
            "java/nio/channels/spi/AbstractSelector.isOpen",
            // A selection asks whether it found no key only because of that.
            "java/nio/channels/Selector.isOpen",
            "java/nio/channels/Selector.keys",
            "java/nio/channels/Selector.selectedKeys",
            "java/util/Set.isEmpty",
            // It lets a thread of ours take the selector's monitors before it does again.
            "java/lang/Thread.holdsLock",
            "java/lang/Thread.yield",
            // Netty's native channels, on their event loops; the first one locks briefly for each class of them
            "java/lang/ClassValue.get",
            "java/lang/reflect/Method.invoke");

    private static CallGraph agent() throws ClassNotFoundException {
        return new CallGraph()
                .addAllBeside(HookEvents.class)
                .bind("java/util/function/ObjIntConsumer.accept", HookEvents.class)
                .bind("java/util/function/ToLongFunction.applyAsLong", HookEvents.class)
                .bind("java/lang/Runnable.run", Class.forName(Assembly.class.getName() + "$Host"))
                // A release leaves work to the selection of a selector that holds condemned channels: it closes them or
                // offers their keys, in locks of theirs that are held for a moment. Other selections find an empty
                // queue.
                .bind("io/socketreaper/selector/HandBack.selectionBegins", Void.class)
                .bind("io/socketreaper/selector/HandBack.anotherThreadSelects", Void.class)
                // It takes the lock that wakeup() takes, and writes a descriptor in it, as that does.
                .bind("io/socketreaper/selector/AgentWakeUp.wake", Void.class);
    }

    /** All that the hook may reach. */
    static CallGraph fromTheHook() throws ClassNotFoundException {
        var graph = agent();
        for (var event : List.of(
                "halfClosed",
                "read",
                "interestChanged",
                "asked",
                "seen",
                "closed",
                "heldThrough",
                "opened",
                "released",
                "wrote",
                "selecting",
                "woken",
                "repeat",
                "failed",
                "accept",
                "readEnded",
                "returned",
                "completed",
                "polledInput",
                "returnedAbove",
                "polledAbove",
                "transferred")) {
            graph.follow(HOOK, event);
        }
        return graph;
    }

    @Test
    void nothingBehindTheHookTakesALock() throws Exception {
        var graph = fromTheHook();
        assertEquals(Set.of(), graph.locking());
        assertEquals(Set.of(), graph.leavingBut(ALLOWED));
        for (var made : graph.made()) {
            if (made.startsWith("java/") && Queue.class.isAssignableFrom(Class.forName(made.replace('/', '.')))) {
                assertEquals(CallGraph.nameOf(ConcurrentLinkedQueue.class), made);
            }
        }
    }

    /** Else the test above would say nothing. */
    @Test
    void theWayIsFollowedToItsEnds() throws Exception {
        var graph = fromTheHook();
        for (var event : List.of(
                "halfClosed",
                "read",
                "interestChanged",
                "closed",
                "heldThrough",
                "opened",
                "released",
                "wrote",
                "readNothing",
                "endOfInput",
                "polledInput",
                "layerDelivered",
                "readByLayer")) {
            assertTrue(graph.hasReached(SocketEvents.class, event), event);
        }
        assertTrue(graph.hasReached(Selections.class, "selecting"));
        assertTrue(graph.hasReached(Pressure.class, "failed"));
        assertTrue(graph.hasReached(Class.forName("io.socketreaper.detect.StackSampler"), "sample"));
        assertTrue(graph.hasReached(Class.forName("io.socketreaper.detect.SocketRegistry"), "add"));
        assertTrue(graph.hasReached(Class.forName("io.socketreaper.stack.netty.NettySocket"), "<init>"));
        assertTrue(graph.hasReached(Class.forName("io.socketreaper.stack.netty.NettyCounted"), "of"));
        assertTrue(graph.hasReached(Class.forName("io.socketreaper.stack.counted.CountedHandle"), "opened"));
        assertTrue(graph.hasReached(CountedStack.class, "numberOf"));
        assertFalse(graph.hasReached(Detector.class, "tick"));
    }

    /** What somebody might add. */
    @SuppressWarnings("unused")
    private static final class Planted implements Function<Object, Object> {
        private final ReentrantLock lock = new ReentrantLock();
        private final List<Object> list = Collections.synchronizedList(new ArrayList<>());
        private final Queue<Object> queue = new LinkedBlockingQueue<>();
        private final Function<Object, Object> next = this;

        void monitor(Object socket) {
            next.apply(socket);
        }

        @Override
        public Object apply(Object socket) {
            synchronized (this) {
                return socket;
            }
        }

        void method(Object socket) {
            guarded();
        }

        private synchronized void guarded() {}

        void lock(Object socket) {
            lock.lock();
            lock.unlock();
        }

        void collection(Object socket) {
            list.add(socket);
        }

        void lambda(Object socket) {
            Runnable task = () -> {
                synchronized (socket) {
                    queue.add(socket);
                }
            };
            task.run();
        }

        void harmless(Object socket) {
            new ConcurrentLinkedQueue<>().add(socket);
        }
    }

    private static CallGraph planted(String method) {
        return new CallGraph()
                .add(Planted.class)
                .bind("java/util/function/Function.apply", Planted.class)
                .follow(CallGraph.nameOf(Planted.class), method);
    }

    @ParameterizedTest
    @ValueSource(strings = {"monitor", "method", "lambda"})
    void aMonitorWouldBeFound(String method) {
        assertEquals(1, planted(method).locking().size(), method);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lock", "collection"})
    void aCallOfALockWouldBeFound(String method) {
        assertFalse(planted(method).leavingBut(ALLOWED).isEmpty(), method);
    }

    @Test
    void aQueueThatBlocksWouldBeFound() {
        assertTrue(planted("harmless").made().contains(CallGraph.nameOf(LinkedBlockingQueue.class)));
    }

    @Test
    void aCallThatTakesNoLockIsLeftAlone() {
        var graph = planted("harmless");
        assertEquals(Set.of(), graph.locking());
        assertEquals(Set.of(), graph.leavingBut(ALLOWED));
    }
}
