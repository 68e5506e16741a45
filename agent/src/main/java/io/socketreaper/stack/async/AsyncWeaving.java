package io.socketreaper.stack.async;

import io.socketreaper.stack.HookCall;
import io.socketreaper.stack.HookTable;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.WovenClass;
import io.socketreaper.stack.WovenMethod;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

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
 * The code in brackets is woven with {@code track=all} only.
 *
 * <p>{@code enableReading} is where every read ends, at once or later, with bytes, by an error or by its timeout. The number of
 * bytes is known where the result is made for the handler; without that hook every read counts as one without bytes. The
 * constructors are those of the base class: where that of the subclass fails, because the group is shut down, the JDK
 * forgets to close the descriptor of a channel that the application never gets to see.
 */
final class AsyncWeaving extends StackWeaving {
    private static final String CHANNEL = "sun/nio/ch/AsynchronousSocketChannelImpl";
    private static final String UNIX_CHANNEL = "sun/nio/ch/UnixAsynchronousSocketChannelImpl";
    private static final String UNIX_SERVER = "sun/nio/ch/UnixAsynchronousServerSocketChannelImpl";
    private static final String HALF_CLOSED = "writeShutdown";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public AsyncWeaving(boolean all) {
        this.all = all;
        ofJdk(CHANNEL).tellsOfUse();
        ofJdk(UNIX_CHANNEL);
        // A server has no channel before its first client comes, and then a hundred of them may come at once.
        ofJdk(UNIX_SERVER).tellsOfUse();
    }

    @Override
    protected void describe(WovenClass woven, HookTable table) {
        switch (woven.name()) {
            case CHANNEL -> describeChannel(table);
            case UNIX_CHANNEL -> {
                table.methodIfThere("finishRead(Z)V", new Completed(all))
                        .methodIfThere(
                                "implRead(ZLjava/nio/ByteBuffer;[Ljava/nio/ByteBuffer;JLjava/util/concurrent/TimeUnit;"
                                        + "Ljava/lang/Object;Ljava/nio/channels/CompletionHandler;)"
                                        + "Ljava/util/concurrent/Future;",
                                new Completed(all));
                if (all) {
                    table.method("implClose()V", new ReleasedFirst());
                }
            }
            default ->
                table.method("onEvent(IZ)V", new FailedInCatch())
                        .method(
                                "implAccept(Ljava/lang/Object;Ljava/nio/channels/CompletionHandler;)"
                                        + "Ljava/util/concurrent/Future;",
                                new FailedInCatch());
        }
    }

    private void describeChannel(HookTable table) {
        table.field(HALF_CLOSED, "Z")
                .method(
                        "shutdownOutput()Ljava/nio/channels/AsynchronousSocketChannel;",
                        HookCall.beforeReturn("halfClosed"))
                .method("enableReading(Z)V", HookCall.whenHalfClosedOrAll(HALF_CLOSED, all, "readEnded"))
                .method("close()V", HookCall.whenHalfClosed(HALF_CLOSED, "closed"));
        if (all) {
            table.method("<init>(Lsun/nio/ch/AsynchronousChannelGroupImpl;)V", HookCall.beforeReturn("opened"))
                    .method(
                            "<init>(Lsun/nio/ch/AsynchronousChannelGroupImpl;Ljava/io/FileDescriptor;"
                                    + "Ljava/net/InetSocketAddress;)V",
                            HookCall.beforeReturn("opened"))
                    .method("enableWriting(Z)V", HookCall.whenFlag("traffic", "wrote"));
        }
    }

    /** {@code SocketReaperHook.completed(count, ALL, this)} where the number of bytes read becomes an object, for the handler. */
    private static final class Completed extends HookCall {
        private final boolean all;

        Completed(boolean all) {
            super(4);
            this.all = all;
        }

        @Override
        protected MethodVisitor into(MethodVisitor written, String owner, int access, String descriptor) {
            return new WovenMethod(written, owner, this) {
                @Override
                public void visitMethodInsn(int opcode, String type, String name, String takes, boolean ofInterface) {
                    if (name.equals("valueOf")) {
                        if (type.equals("java/lang/Long") && takes.startsWith("(J)")) {
                            tell(instruction(Opcodes.DUP2).instruction(Opcodes.L2I));
                        } else if (type.equals("java/lang/Integer") && takes.startsWith("(I)")) {
                            tell(instruction(Opcodes.DUP));
                        }
                    }
                    super.visitMethodInsn(opcode, type, name, takes, ofInterface);
                }
            };
        }

        private void tell(WovenMethod method) {
            method.constant(all).object(0).hook("completed", "(IZLjava/lang/Object;)V");
        }
    }

    /**
     * {@code SocketReaperHook.released(true, this)} at the entry. This is too early by an instant; but a call after the
     * descriptor's end may throw, and if that end were not told the number would still be taken for the channel's.
     */
    private static final class ReleasedFirst extends HookCall {
        ReleasedFirst() {
            super(2);
        }

        @Override
        protected void atEntry(WovenMethod method) {
            method.constant(true).object(0).hook("released", "(ZLjava/lang/Object;)V");
        }
    }

    /**
     * {@code SocketReaperHook.failed(x)} as the first thing of the method's first {@code catch (Throwable x)}, which is that
     * around the accept.
     */
    private static final class FailedInCatch extends HookCall {
        FailedInCatch() {
            super(2);
        }

        @Override
        protected MethodVisitor into(MethodVisitor written, String owner, int access, String descriptor) {
            return new InFirstCatch(written, owner, this);
        }
    }

    private static final class InFirstCatch extends WovenMethod {
        private @Nullable Label handler;
        private boolean inHandler;

        InFirstCatch(MethodVisitor written, String owner, HookCall call) {
            super(written, owner, call);
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
            // The first instruction of a catch block stores the exception.
            if (inHandler && opcode == Opcodes.ASTORE) {
                instruction(Opcodes.DUP).hook("failed");
            }
            inHandler = false;
            super.visitVarInsn(opcode, variable);
        }
    }
}
