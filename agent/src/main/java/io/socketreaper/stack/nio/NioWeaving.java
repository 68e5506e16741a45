package io.socketreaper.stack.nio;

import static io.socketreaper.stack.HookCall.OUTPUT_CLOSED;

import io.socketreaper.stack.HookCall;
import io.socketreaper.stack.HookTable;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.WovenClass;
import io.socketreaper.stack.WovenMethod;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * The JDK's {@code SocketChannel}. In Java the woven code amounts to
 *
 * <pre>{@code
 * // SocketChannelImpl
 * SocketChannel shutdownOutput()      { ...; SocketReaperHook.halfClosed(this); return this; }
 * void endRead(boolean b, boolean n)  { if (isOutputClosed [|| SocketReaperHook.traffic]) SocketReaperHook.read(n, this); ... }
 * int read(...) or implRead(...)      { ...; SocketReaperHook.returned(n, isOutputClosed [or true], this); return n; }
 * int blockingRead(...)               // the same
 * int available()                     { if (isOutputClosed [|| SocketReaperHook.traffic]) SocketReaperHook.polledInput(this); ... }
 * void implCloseSelectableChannel()   { if (isOutputClosed) SocketReaperHook.closed(this); ... }
 *
 * // EPollSelectorImpl, PollSelectorImpl; the JDK calls it only when a key's interest has changed
 * void setEventOps(SelectionKeyImpl key) {
 *     if (key.channel() instanceof SocketChannelImpl c && !c.isOutputOpen()) SocketReaperHook.interestChanged(c);
 *     ...
 * }
 *
 * // SelectionKeyImpl; told also if the interest stays as it was; at the entry for a hand-back that ends meanwhile, before the
 * // return for one that begins meanwhile
 * SelectionKey interestOps(int ops) { SocketReaperHook.asked(ops, this); ...; SocketReaperHook.asked(ops, this); return this; }
 * int interestOpsOr(int ops)        { SocketReaperHook.asked(ops, this); ...; SocketReaperHook.asked(ops, this); return before; }
 * int interestOps()                 { SocketReaperHook.seen(interestOps, this); ...; SocketReaperHook.seen(n, this); return n; }
 *
 * // SelectorImpl
 * int lockAndDoSelect(Consumer action, long timeout) {
 *     if (SocketReaperHook.selections) SocketReaperHook.selecting(timeout, this);
 *     do { ...; timeout = SocketReaperHook.repeat(n, timeout, this); } while (timeout != 0);
 *     return n;
 * }
 *
 * // EPollSelectorImpl
 * void clearInterrupt() { ...; SocketReaperHook.woken(interruptTriggered, this); interruptTriggered = false; ... }
 *
 * // with track=all, SocketChannelImpl
 * SocketChannelImpl(...)            { ...; SocketReaperHook.opened(this); }
 * void endWrite(boolean, boolean)   { if (SocketReaperHook.traffic) SocketReaperHook.wrote(this); ... }
 * boolean tryClose()                { ...; SocketReaperHook.released(result, this); return result; }
 *
 * // with track=all, FileChannelImpl: it sends without a write, on JDK 17 without a lock of the socket, too
 * long transferTo(long, long, WritableByteChannel target) {
 *     SocketReaperHook.transferred(target); ...; SocketReaperHook.transferred(target); return n;
 * }
 * }</pre>
 *
 * The code in brackets is woven with {@code track=all} only.
 *
 * {@code endRead} is where every read of the channel ends: both {@code read} methods and the socket adaptor's stream,
 * blocking or not, in 17 as in 25; its second argument tells whether bytes were read. Only the read methods know that
 * the end of input was returned. JFR on JDK 17 rewrites those, too, so no branch is put in there.
 */
public final class NioWeaving extends StackWeaving {
    private static final String CHANNEL = "sun/nio/ch/SocketChannelImpl";
    private static final String EPOLL_SELECTOR = "sun/nio/ch/EPollSelectorImpl";
    private static final String POLL_SELECTOR = "sun/nio/ch/PollSelectorImpl";
    private static final String SELECTOR = "sun/nio/ch/SelectorImpl";
    private static final String FILE = "sun/nio/ch/FileChannelImpl";
    private static final String KEY = "sun/nio/ch/SelectionKeyImpl";

    /** The field of a key. */
    private static final String INTEREST = "interestOps";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public NioWeaving(boolean all) {
        this.all = all;
        ofJdk(CHANNEL).tellsOfUse();
        ofJdk(EPOLL_SELECTOR);
        ofJdk(POLL_SELECTOR);
        ofJdk(SELECTOR);
        ofJdk(KEY);
        if (all) {
            ofJdk(FILE).unlessUnknown("the sending of a file");
        }
    }

    @Override
    protected void describe(WovenClass woven, HookTable table) {
        switch (woven.name()) {
            case CHANNEL -> describeChannel(table);
            case SELECTOR ->
                table.method("lockAndDoSelect(Ljava/util/function/Consumer;J)I", new SelectionWeaving.Repeated());
            case EPOLL_SELECTOR ->
                describeInterest(table).methodIfThere("clearInterrupt()V", new SelectionWeaving.Woken());
            case KEY ->
                table.field(INTEREST, "I")
                        .method("interestOps(I)Ljava/nio/channels/SelectionKey;", new Asked())
                        .method("interestOpsOr(I)I", new Asked())
                        .method("interestOps()I", new Seen());
            case FILE -> table.method("transferTo(JJLjava/nio/channels/WritableByteChannel;)J", new Transferred());
            default -> describeInterest(table);
        }
    }

    private static HookTable describeInterest(HookTable table) {
        return table.method("setEventOps(Lsun/nio/ch/SelectionKeyImpl;)V", new InterestChanged());
    }

    private void describeChannel(HookTable table) {
        HookCall returned = HookCall.returned(all ? null : OUTPUT_CLOSED);
        table.field(OUTPUT_CLOSED, "Z")
                .method("shutdownOutput()Ljava/nio/channels/SocketChannel;", HookCall.beforeReturn("halfClosed"))
                .method(
                        "endRead(ZZ)V",
                        HookCall.whenHalfClosedOrAll(OUTPUT_CLOSED, all, "read").with(2))
                .method("implCloseSelectableChannel()V", HookCall.whenHalfClosed(OUTPUT_CLOSED, "closed"))
                .methodIfThere("available()I", HookCall.whenHalfClosedOrAll(OUTPUT_CLOSED, all, "polledInput"))
                .methodIfThere("blockingRead([BIIJ)I", returned);
        // In JDK 22 and later read only calls implRead, with events of JFR around it.
        String read = table.hasMethod("implRead") ? "implRead" : "read";
        table.methodIfThere(read + "(Ljava/nio/ByteBuffer;)I", returned)
                .methodIfThere(read + "([Ljava/nio/ByteBuffer;II)J", returned);
        if (all) {
            table.method(
                            "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;)V",
                            HookCall.beforeReturn("opened"))
                    .method(
                            "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;"
                                    + "Ljava/io/FileDescriptor;Ljava/net/SocketAddress;)V",
                            HookCall.beforeReturn("opened"))
                    .method("endWrite(ZZ)V", HookCall.whenFlag("traffic", "wrote"))
                    .method("tryClose()Z", HookCall.released());
        }
    }

    /** {@code SocketReaperHook.asked(ops, this)}, with the method's argument. */
    private static final class Asked extends AtBothEnds {
        Asked() {
            super(2);
        }

        @Override
        protected void atEntry(WovenMethod method) {
            method.number(1).object(0).hook("asked", "(ILjava/lang/Object;)V");
        }
    }

    /** {@code SocketReaperHook.seen(interestOps, this)} at the entry, and {@code seen(result, this)} before every normal return. */
    private static final class Seen extends HookCall {
        Seen() {
            super(2);
        }

        @Override
        protected void atEntry(WovenMethod method) {
            method.field(INTEREST, "I").object(0).hook("seen", "(ILjava/lang/Object;)V");
        }

        @Override
        protected void beforeReturn(WovenMethod method, int opcode) {
            method.instruction(Opcodes.DUP).object(0).hook("seen", "(ILjava/lang/Object;)V");
        }
    }

    /** The same call at the entry and before every normal return. */
    private abstract static class AtBothEnds extends HookCall {
        AtBothEnds(int stack) {
            super(stack);
        }

        @Override
        protected final void beforeReturn(WovenMethod method, int opcode) {
            atEntry(method);
        }
    }

    /** {@code SocketReaperHook.transferred(target)}. */
    private static final class Transferred extends AtBothEnds {
        /** After this and two longs. */
        private static final int TARGET = 5;

        Transferred() {
            super(1);
        }

        @Override
        protected void atEntry(WovenMethod method) {
            method.object(TARGET).hook("transferred");
        }
    }

    /** At the entry of {@code setEventOps}: the hook, if the key's channel is a half-closed socket. */
    private static final class InterestChanged extends HookCall {
        InterestChanged() {
            super(1);
        }

        @Override
        protected void atEntry(WovenMethod method) {
            var healthy = new Label();
            channelOfKey(method).type(Opcodes.INSTANCEOF, CHANNEL).jump(Opcodes.IFEQ, healthy);
            channelOfKey(method)
                    .type(Opcodes.CHECKCAST, CHANNEL)
                    .invoke(CHANNEL, "isOutputOpen", "()Z")
                    .jump(Opcodes.IFNE, healthy);
            channelOfKey(method).hook("interestChanged").target(healthy);
        }

        private static WovenMethod channelOfKey(WovenMethod method) {
            return method.object(1).invoke(KEY, "channel", "()Ljava/nio/channels/SelectableChannel;");
        }
    }
}
