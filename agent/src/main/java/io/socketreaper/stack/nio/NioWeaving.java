package io.socketreaper.stack.nio;

import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.UnknownInternalsException;
import io.socketreaper.stack.WovenClass;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
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
 * // SelectorImpl
 * int lockAndDoSelect(...) { if (SocketReaperHook.selections) SocketReaperHook.selecting(this); ... }
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
 * What stands in brackets is woven with {@code track=all} only.
 *
 * {@code endRead} is where every read of the channel ends: both {@code read} methods and the socket adaptor's stream,
 * blocking or not, in 17 as in 25; its second argument tells whether bytes were read. That the end of input was returned is known in
 * the read methods alone. JFR on JDK 17 rewrites those, too, so no branch is put in there.
 */
public final class NioWeaving implements StackWeaving {
    private static final String CHANNEL = "sun/nio/ch/SocketChannelImpl";
    private static final String EPOLL_SELECTOR = "sun/nio/ch/EPollSelectorImpl";
    private static final String POLL_SELECTOR = "sun/nio/ch/PollSelectorImpl";
    private static final String SELECTOR = "sun/nio/ch/SelectorImpl";
    private static final String FILE = "sun/nio/ch/FileChannelImpl";
    private static final String KEY = "sun/nio/ch/SelectionKeyImpl";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public NioWeaving(boolean all) {
        this.all = all;
    }

    @Override
    public String stack() {
        return "nio";
    }

    @Override
    public String[] classes() {
        return all
                ? new String[] {CHANNEL, EPOLL_SELECTOR, POLL_SELECTOR, SELECTOR, FILE}
                : new String[] {CHANNEL, EPOLL_SELECTOR, POLL_SELECTOR, SELECTOR};
    }

    @Override
    public String mainClass() {
        return CHANNEL;
    }

    @Override
    public boolean canDoWithout(String internalName) {
        return internalName.equals(FILE);
    }

    @Override
    public byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException {
        return switch (internalName) {
            case CHANNEL ->
                WovenClass.weave(
                        internalName,
                        classFile,
                        new ChannelMethods(WovenClass.hasMethod("implRead", classFile)),
                        all ? 7 : 3,
                        true);
            case SELECTOR -> WovenClass.weave(internalName, classFile, new SelectionMethods(), 1, false);
            case FILE -> weaveFile(internalName, classFile);
            default -> WovenClass.weave(internalName, classFile, new SelectorMethods(), 1, false);
        };
    }

    private static byte[] weaveFile(String internalName, byte[] classFile) throws UnknownInternalsException {
        try {
            return WovenClass.weave(internalName, classFile, new FileMethods(), 1, false);
        } catch (UnknownInternalsException unknown) {
            throw new UnknownInternalsException(unknown.getMessage(), "a file that is being sent");
        }
    }

    private final class ChannelMethods implements WovenClass.Methods {
        private final boolean hasImplRead;

        /** @param hasImplRead whether {@code read} only calls that one: JDK 22 and later have their events of JFR around it */
        ChannelMethods(boolean hasImplRead) {
            this.hasImplRead = hasImplRead;
        }

        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                case "shutdownOutput()Ljava/nio/channels/SocketChannel;" ->
                    new WovenClass.CallBeforeReturn(target, "halfClosed");
                case "endRead(ZZ)V" ->
                    new WovenClass.CallWhen(target, CHANNEL, true, all ? "traffic" : null, "read").with(2);
                case "implCloseSelectableChannel()V" -> new WovenClass.CallWhen(target, CHANNEL, true, null, "closed");
                default -> all ? weaveForAll(method, target) : null;
            };
        }

        @Override
        public MethodVisitor weaveIfThere(String method, MethodVisitor target) {
            return switch (method) {
                case "implRead(Ljava/nio/ByteBuffer;)I",
                        "implRead([Ljava/nio/ByteBuffer;II)J",
                        "blockingRead([BIIJ)I" -> count(target);
                case "read(Ljava/nio/ByteBuffer;)I", "read([Ljava/nio/ByteBuffer;II)J" ->
                    hasImplRead ? null : count(target);
                case "available()I" ->
                    new WovenClass.CallWhen(target, CHANNEL, true, all ? "traffic" : null, "polledInput");
                default -> null;
            };
        }

        private MethodVisitor count(MethodVisitor target) {
            return new WovenClass.CallWithCount(target, CHANNEL, all ? null : WovenClass.OUTPUT_CLOSED);
        }

        private MethodVisitor weaveForAll(String method, MethodVisitor target) {
            return switch (method) {
                case "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;)V",
                        "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;Ljava/io/FileDescriptor;"
                                + "Ljava/net/SocketAddress;)V" -> new WovenClass.CallBeforeReturn(target, "opened");
                case "endWrite(ZZ)V" -> new WovenClass.CallWhen(target, CHANNEL, false, "traffic", "wrote");
                case "tryClose()Z" -> new WovenClass.CallWithResult(target);
                default -> null;
            };
        }
    }

    private static final class FileMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return method.equals("transferTo(JJLjava/nio/channels/WritableByteChannel;)J")
                    ? new CallWithTarget(target)
                    : null;
        }
    }

    /** {@code SocketReaperHook.transferred(target)} at the entry and before every normal return. */
    private static final class CallWithTarget extends MethodVisitor {
        /** After this and two longs. */
        private static final int TARGET = 5;

        CallWithTarget(MethodVisitor target) {
            super(Opcodes.ASM9, target);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            call();
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.LRETURN) {
                call();
            }
            super.visitInsn(opcode);
        }

        private void call() {
            super.visitVarInsn(Opcodes.ALOAD, TARGET);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, WovenClass.HOOK, "transferred", WovenClass.HOOK_METHOD, false);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 1, maxLocals);
        }
    }

    private static final class SelectionMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return method.equals("lockAndDoSelect(Ljava/util/function/Consumer;J)I")
                    ? new WovenClass.CallWhen(target, SELECTOR, false, "selections", "selecting")
                    : null;
        }
    }

    private static final class SelectorMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return method.equals("setEventOps(Lsun/nio/ch/SelectionKeyImpl;)V") ? new CallOnInterest(target) : null;
        }
    }

    /** At the entry of {@code setEventOps}: the hook, if the key's channel is a half-closed socket. */
    private static final class CallOnInterest extends MethodVisitor {
        CallOnInterest(MethodVisitor target) {
            super(Opcodes.ASM9, target);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            var healthy = new Label();
            channelOfKey();
            super.visitTypeInsn(Opcodes.INSTANCEOF, CHANNEL);
            super.visitJumpInsn(Opcodes.IFEQ, healthy);
            channelOfKey();
            super.visitTypeInsn(Opcodes.CHECKCAST, CHANNEL);
            super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, CHANNEL, "isOutputOpen", "()Z", false);
            super.visitJumpInsn(Opcodes.IFNE, healthy);
            channelOfKey();
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC, WovenClass.HOOK, "interestChanged", WovenClass.HOOK_METHOD, false);
            super.visitLabel(healthy);
            super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }

        private void channelOfKey() {
            super.visitVarInsn(Opcodes.ALOAD, 1);
            super.visitMethodInsn(
                    Opcodes.INVOKEVIRTUAL, KEY, "channel", "()Ljava/nio/channels/SelectableChannel;", false);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(Math.max(maxStack, 1), maxLocals);
        }
    }
}
