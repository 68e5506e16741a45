package io.socketreaper.stack.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.socketreaper.stack.ClassFiles;
import io.socketreaper.stack.HookClass;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sun.nio.ch.SocketReaperHook;

/** The woven method of a selection, in a class that this JVM verifies. */
class SelectionWeavingTest {
    private static final String SELECTOR = "sun/nio/ch/SelectorImpl";

    private final List<Integer> told = new ArrayList<>();
    private final Deque<Long> lasted = new ArrayDeque<>();
    private Selecting selector;

    /** What a test calls of the class that another loader has defined. */
    public interface Selecting {
        int select(long timeout) throws IOException;

        /** The results of its selections. */
        Deque<Integer> results();

        /** The timeouts that they were made with. */
        List<Long> timeouts();
    }

    /** Has the method of the JDK's selectors, with what it returns given before. */
    public static final class Scripted extends AbstractSelector implements Selecting {
        private final Deque<Integer> results = new ArrayDeque<>();
        private final List<Long> timeouts = new ArrayList<>();

        public Scripted() {
            super(null);
        }

        private int lockAndDoSelect(Consumer<SelectionKey> action, long timeout) throws IOException {
            synchronized (this) {
                if (!isOpen()) {
                    throw new IOException("closed");
                }
                timeouts.add(timeout);
                return results.removeFirst();
            }
        }

        @Override
        public Deque<Integer> results() {
            return results;
        }

        @Override
        public List<Long> timeouts() {
            return timeouts;
        }

        @Override
        public int select(long timeout) throws IOException {
            return lockAndDoSelect(null, timeout);
        }

        @Override
        protected void implCloseSelector() {}

        @Override
        protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
            throw new UnsupportedOperationException();
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
        public int selectNow() throws IOException {
            return select(0);
        }

        @Override
        public int select() throws IOException {
            return select(-1);
        }

        @Override
        public Selector wakeup() {
            return this;
        }
    }

    private static final class Loader extends ClassLoader {
        Loader() {
            super(SelectionWeavingTest.class.getClassLoader());
        }

        Class<?> define(byte[] classFile) {
            return defineClass(Scripted.class.getName(), classFile, 0, classFile.length);
        }
    }

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = SelectionWeavingTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            HookClass.define(in.readAllBytes());
        }
    }

    @BeforeEach
    void weave() throws Exception {
        byte[] classFile;
        try (var in = SelectionWeavingTest.class.getResourceAsStream("SelectionWeavingTest$Scripted.class")) {
            classFile = in.readAllBytes();
        }
        byte[] woven = new NioWeaving(false).weave(null, SELECTOR, classFile);
        selector = (Selecting) new Loader().define(woven).getConstructor().newInstance();
        SocketReaperHook.delegate((object, event) -> told.add(event));
        SocketReaperHook.repeats(object -> lasted.isEmpty() ? -1 : lasted.removeFirst());
        SocketReaperHook.selections = true;
    }

    @AfterEach
    void takeOut() {
        SocketReaperHook.delegate(null);
    }

    private void selections(List<Integer> results, Long... lasted) {
        selector.results().addAll(results);
        this.lasted.addAll(List.of(lasted));
    }

    @Test
    void oneThatFindsNothingIsRepeatedWithTheTimeThatIsLeft() throws IOException {
        selections(List.of(0, 0, 3), 40L, 50L);
        assertEquals(3, selector.select(100));
        assertEquals(List.of(100L, 60L, 10L), selector.timeouts());
        assertEquals(
                List.of(SocketReaperHook.SELECTING_FOR_A_TIME, SocketReaperHook.SELECTING, SocketReaperHook.SELECTING),
                told);
    }

    @Test
    void oneWithoutLimitIsRepeatedUntilItIsNotInVain() throws IOException {
        selections(List.of(0, 0, 0), 40L, Long.MAX_VALUE);
        assertEquals(0, selector.select(-1));
        assertEquals(List.of(-1L, -1L, -1L), selector.timeouts());
    }

    @Test
    void itEndsWhenItsTimeIsOverOrItIsNotKnownWhenItBegan() throws IOException {
        selections(List.of(0, 0, 0), 100L, Long.MAX_VALUE, -1L);
        assertEquals(0, selector.select(100));
        assertEquals(0, selector.select(100));
        assertEquals(0, selector.select(100));
        assertEquals(List.of(100L, 100L, 100L), selector.timeouts());
    }

    @Test
    void oneThatDoesNotWaitOrHasFoundSomethingIsNot() throws IOException {
        selections(List.of(0, 2), 1L);
        assertEquals(0, selector.select(0));
        assertEquals(2, selector.select(-1));
        assertEquals(1, lasted.size(), "not even asked");
    }

    @Test
    void noneIsWhileSelectionsAreNotTold() throws IOException {
        SocketReaperHook.selections = false;
        selections(List.of(0), 1L);
        assertEquals(0, selector.select(-1));
        assertEquals(List.of(), told);
        assertEquals(1, lasted.size());
    }

    @Test
    void anInterruptThatComesMeanwhileEndsIt() throws IOException {
        SocketReaperHook.delegate((object, event) -> Thread.currentThread().interrupt());
        selections(List.of(0), 1L);
        assertEquals(0, selector.select(-1));
        assertEquals(true, Thread.interrupted());
    }

    @Test
    void aCloseThatComesMeanwhileEndsIt() throws IOException {
        SocketReaperHook.repeats(object -> {
            try {
                ((Selector) object).close();
            } catch (IOException impossible) {
                throw new IllegalStateException(impossible);
            }
            return 1;
        });
        selections(List.of(0));
        assertEquals(0, selector.select(-1));
        assertThrows(IOException.class, () -> selector.select(-1));
    }

    @Test
    void aFailureOfTheAgentEndsIt() throws IOException {
        SocketReaperHook.repeats(object -> {
            throw new IllegalStateException();
        });
        selections(List.of(0));
        assertEquals(0, selector.select(-1));
    }

    @Test
    void itIsToldWhetherItWaits() throws IOException {
        selections(List.of(1, 1, 1));
        selector.select(5);
        selector.select(-1);
        selector.select(0);
        assertEquals(
                List.of(
                        SocketReaperHook.SELECTING_FOR_A_TIME,
                        SocketReaperHook.SELECTING,
                        SocketReaperHook.SELECTING_NOW),
                told);
    }

    @Test
    void onlyWishesForInputAreToldAndOnlyWhileChannelsAreHandedBack() {
        SocketReaperHook.asked(SelectionKey.OP_READ, selector);
        SocketReaperHook.seen(SelectionKey.OP_READ, selector);
        SocketReaperHook.handsBack = true;
        SocketReaperHook.asked(SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT, selector);
        SocketReaperHook.seen(SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT, selector);
        assertEquals(List.of(), told);
        SocketReaperHook.asked(SelectionKey.OP_READ | SelectionKey.OP_WRITE, selector);
        SocketReaperHook.seen(SelectionKey.OP_READ | SelectionKey.OP_WRITE, selector);
        assertEquals(List.of(SocketReaperHook.ASKED_FOR_INPUT, SocketReaperHook.INTEREST_SEEN), told);
    }

    /** The beginning of the next selection would not be told either, and would not put an end to it. */
    @Test
    void whoHasWokenIsNotToldWhileSelectionsAreNot() {
        SocketReaperHook.woken(false, selector);
        SocketReaperHook.woken(true, selector);
        assertEquals(List.of(SocketReaperHook.WOKEN_BY_AGENT), told);
        SocketReaperHook.selections = false;
        SocketReaperHook.woken(false, selector);
        assertEquals(List.of(SocketReaperHook.WOKEN_BY_AGENT), told);
    }

    @Test
    void whoHasWokenIsAskedBeforeTheSelectorForgetsIt() throws Exception {
        String selector = "sun/nio/ch/EPollSelectorImpl";
        String clear = "clearInterrupt()V";
        var before = ClassFiles.opcodes(ClassFiles.ofJdk(selector));
        var after = ClassFiles.opcodes(new NioWeaving(false).weave(null, selector, ClassFiles.ofJdk(selector)));
        String forgets = "181 " + selector + " interruptTriggered Z\n";
        String asks = "25 0\n180 " + selector + " interruptTriggered Z\n25 0\n184 sun/nio/ch/SocketReaperHook woken"
                + " (ZLjava/lang/Object;)V\n";
        assertEquals(before.get(clear).replace(forgets, asks + forgets), after.get(clear));
    }
}
