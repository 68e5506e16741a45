package io.socketreaper.stack.async;

import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.UnknownInternalsException;
import io.socketreaper.stack.WovenClass;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * The JDK's {@code AsynchronousSocketChannel}, and the accepts of {@code AsynchronousServerSocketChannel}. In Java the woven
 * code amounts to
 *
 * <pre>{@code
 * // AsynchronousSocketChannelImpl
 * AsynchronousSocketChannel shutdownOutput() { ...; SocketReaperHook.halfClosed(this); return this; }
 * void enableReading(boolean)    { if (writeShutdown [|| SocketReaperHook.traffic]) SocketReaperHook.readEnded(this); ... }
 * void close()                   { if (writeShutdown) SocketReaperHook.closed(this); ... }
 *
 * // UnixAsynchronousSocketChannelImpl.finishRead(boolean) and implRead, before the handler is called
 * SocketReaperHook.completed(n, [true], this); Integer.valueOf(n)          // and the same with Long
 *
 * // UnixAsynchronousServerSocketChannelImpl.onEvent(int, boolean) and implAccept(Object, CompletionHandler)
 * try { ... } catch (Throwable x) { SocketReaperHook.failed(x); ... }      // the JDK's own catch blocks
 *
 * // with track=all, AsynchronousSocketChannelImpl
 * AsynchronousSocketChannelImpl(...) { ...; SocketReaperHook.opened(this); }
 * void enableWriting(boolean)    { if (SocketReaperHook.traffic) SocketReaperHook.wrote(this); ... }
 *
 * // with track=all, UnixAsynchronousSocketChannelImpl
 * void implClose()               { ...; SocketReaperHook.released(true, this); }
 * }</pre>
 *
 * What stands in brackets is woven with {@code track=all} only.
 *
 * <p>{@code enableReading} is where every read ends, at once or later, with bytes, by an error or by its timeout. What it has
 * brought is known where the result is made for the handler; without that hook every read counts as one that brought nothing. The
 * constructors are those of the base class: where that of the subclass fails, because the group is shut down, the JDK
 * forgets to close the descriptor of a channel that nobody ever gets to see.
 */
public final class AsyncWeaving implements StackWeaving {
    private static final String CHANNEL = "sun/nio/ch/AsynchronousSocketChannelImpl";
    private static final String UNIX_CHANNEL = "sun/nio/ch/UnixAsynchronousSocketChannelImpl";
    private static final String UNIX_SERVER = "sun/nio/ch/UnixAsynchronousServerSocketChannelImpl";
    private static final String HALF_CLOSED = "writeShutdown";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public AsyncWeaving(boolean all) {
        this.all = all;
    }

    @Override
    public String stack() {
        return "async";
    }

    @Override
    public String[] classes() {
        return new String[] {CHANNEL, UNIX_CHANNEL, UNIX_SERVER};
    }

    @Override
    public String mainClass() {
        return CHANNEL;
    }

    /** A server has no channel before its first client comes, and then a hundred of them may come at once. */
    @Override
    public boolean tellsOfUse(String internalName) {
        return internalName.equals(CHANNEL) || internalName.equals(UNIX_SERVER);
    }

    @Override
    public byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException {
        return switch (internalName) {
            case CHANNEL -> WovenClass.weave(internalName, classFile, new ChannelMethods(), all ? 6 : 3, HALF_CLOSED);
            case UNIX_CHANNEL ->
                WovenClass.weave(internalName, classFile, new UnixChannelMethods(), all ? 1 : 0, false);
            default -> WovenClass.weave(internalName, classFile, new ServerMethods(), 2, false);
        };
    }

    private final class ChannelMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                case "shutdownOutput()Ljava/nio/channels/AsynchronousSocketChannel;" ->
                    new WovenClass.CallBeforeReturn(target, "halfClosed");
                case "enableReading(Z)V" ->
                    new WovenClass.CallWhen(target, CHANNEL, HALF_CLOSED, all ? "traffic" : null, "readEnded");
                case "close()V" -> new WovenClass.CallWhen(target, CHANNEL, HALF_CLOSED, null, "closed");
                default -> all ? weaveForAll(method, target) : null;
            };
        }

        private MethodVisitor weaveForAll(String method, MethodVisitor target) {
            return switch (method) {
                case "<init>(Lsun/nio/ch/AsynchronousChannelGroupImpl;)V",
                        "<init>(Lsun/nio/ch/AsynchronousChannelGroupImpl;Ljava/io/FileDescriptor;Ljava/net/InetSocketAddress;)V" ->
                    new WovenClass.CallBeforeReturn(target, "opened");
                case "enableWriting(Z)V" -> new WovenClass.CallWhen(target, CHANNEL, false, "traffic", "wrote");
                default -> null;
            };
        }
    }

    private final class UnixChannelMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return all && method.equals("implClose()V") ? new ReleasedFirst(target) : null;
        }

        @Override
        public MethodVisitor weaveIfThere(String method, MethodVisitor target) {
            return switch (method) {
                case "finishRead(Z)V",
                        "implRead(ZLjava/nio/ByteBuffer;[Ljava/nio/ByteBuffer;JLjava/util/concurrent/TimeUnit;Ljava/lang/Object;"
                                + "Ljava/nio/channels/CompletionHandler;)Ljava/util/concurrent/Future;" ->
                    new CallWithResult(target, all);
                default -> null;
            };
        }
    }

    private static final class ServerMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                case "onEvent(IZ)V",
                        "implAccept(Ljava/lang/Object;Ljava/nio/channels/CompletionHandler;)Ljava/util/concurrent/Future;" ->
                    new CallInCatch(target);
                default -> null;
            };
        }
    }

    /** {@code SocketReaperHook.completed(count, ALL, this)} where the number of bytes read becomes an object, for the handler. */
    private static final class CallWithResult extends MethodVisitor {
        private final boolean all;

        CallWithResult(MethodVisitor target, boolean all) {
            super(Opcodes.ASM9, target);
            this.all = all;
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String method, String descriptor, boolean ofInterface) {
            boolean isLong = owner.equals("java/lang/Long") && descriptor.startsWith("(J)");
            if (method.equals("valueOf")
                    && (isLong || owner.equals("java/lang/Integer") && descriptor.startsWith("(I)"))) {
                if (isLong) {
                    super.visitInsn(Opcodes.DUP2);
                    super.visitInsn(Opcodes.L2I);
                } else {
                    super.visitInsn(Opcodes.DUP);
                }
                super.visitInsn(all ? Opcodes.ICONST_1 : Opcodes.ICONST_0);
                super.visitVarInsn(Opcodes.ALOAD, 0);
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC, WovenClass.HOOK, "completed", "(IZLjava/lang/Object;)V", false);
            }
            super.visitMethodInsn(opcode, owner, method, descriptor, ofInterface);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 4, maxLocals);
        }
    }

    /**
     * {@code SocketReaperHook.released(true, this)} at the entry. Too early by an instant; but what comes after the descriptor's
     * end may throw, and of a channel whose end nobody was told the number would be taken for its own.
     */
    private static final class ReleasedFirst extends MethodVisitor {
        ReleasedFirst(MethodVisitor target) {
            super(Opcodes.ASM9, target);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            super.visitInsn(Opcodes.ICONST_1);
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, WovenClass.HOOK, "released", "(ZLjava/lang/Object;)V", false);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(Math.max(maxStack, 2), maxLocals);
        }
    }

    /**
     * {@code SocketReaperHook.failed(x)} as the first thing of the method's first {@code catch (Throwable x)}, which is that
     * around the accept.
     */
    private static final class CallInCatch extends MethodVisitor {
        private Label handler;
        private boolean inHandler;

        CallInCatch(MethodVisitor target) {
            super(Opcodes.ASM9, target);
        }

        @Override
        public void visitTryCatchBlock(Label start, Label end, Label handled, String type) {
            if (handler == null && "java/lang/Throwable".equals(type)) {
                handler = handled;
            }
            super.visitTryCatchBlock(start, end, handled, type);
        }

        @Override
        public void visitLabel(Label label) {
            super.visitLabel(label);
            inHandler = label == handler;
        }

        @Override
        public void visitVarInsn(int opcode, int variable) {
            // The first instruction of a catch block keeps what was caught.
            if (inHandler && opcode == Opcodes.ASTORE) {
                super.visitInsn(Opcodes.DUP);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, WovenClass.HOOK, "failed", WovenClass.HOOK_METHOD, false);
            }
            inHandler = false;
            super.visitVarInsn(opcode, variable);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(Math.max(maxStack, 2), maxLocals);
        }
    }
}
