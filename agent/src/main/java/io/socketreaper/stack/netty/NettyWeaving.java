package io.socketreaper.stack.netty;

import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.UnknownInternalsException;
import java.security.ProtectionDomain;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import sun.nio.ch.SocketReaperHook;

/**
 * Netty's native transports, which bypass {@code sun.nio.ch}: epoll of 4.1 and 4.2, io_uring of 4.2. They are found by the
 * end of their names, because many products carry a relocated Netty. In Java the woven code amounts to
 *
 * <pre>{@code
 * // AbstractEpollStreamChannel, AbstractIoUringStreamChannel; on the channel's event loop
 * void doShutdownOutput() { ...; SocketReaperHook.event(this, HALF_CLOSED); }
 *
 * // AbstractEpollChannel, AbstractIoUringChannel; what asks for the next read, automatically or not
 * void doBeginRead() { if (socket.isOutputShutdown()) SocketReaperHook.event(this, INTEREST_CHANGED); ... }
 * void doClose()     { if (socket.isOutputShutdown()) SocketReaperHook.event(this, CLOSED); ... }
 *
 * // AbstractEpollChannel.doReadBytes, and at the entry AbstractIoUringStreamChannel.IoUringStreamUnsafe.readComplete0; the hook in
 * // java.base makes READ, READ_NOTHING and END_OF_INPUT of it, for a half-closed channel or if somebody wants to know
 * int doReadBytes(ByteBuf) { ...; SocketReaperHook.event(this, NATIVE_READ + signum(n) + 4 * socket.isOutputShutdown()); return n; }
 *
 * // with track=all
 * AbstractEpollStreamChannel(...) { ...; SocketReaperHook.event(this, OPENED); }
 * void doWrite(...)               { SocketReaperHook.event(this, WROTE); ... }
 * void doClose()                  { ...; SocketReaperHook.event(this, RELEASED); }
 *
 * // channel.unix.Errors, where what the kernel refuses becomes an exception: accept, the making of a socket, bind and the like
 * static NativeIoException newIOException(String method, int error) { ...; SocketReaperHook.event(e, FAILED); return e; }
 * }</pre>
 *
 * That {@code SocketReaperHook} is one in Netty's own package and loader, planted there, since no other class of ours is
 * visible from every application's loader. It only uses types of {@code java.base}.
 */
public final class NettyWeaving implements StackWeaving {
    private static final String EPOLL = "netty/channel/epoll/AbstractEpollChannel";
    private static final String EPOLL_STREAM = "netty/channel/epoll/AbstractEpollStreamChannel";
    private static final String URING = "netty/channel/uring/AbstractIoUringChannel";
    private static final String URING_STREAM = "netty/channel/uring/AbstractIoUringStreamChannel";
    private static final String URING_READS = URING_STREAM + "$IoUringStreamUnsafe";
    private static final String ERRORS = "netty/channel/unix/Errors";

    private static final String SOCKET = "socket";
    /** By which an inner class knows the object it belongs to. */
    private static final String OUTER = "this$0";

    private static final String PLANTED = "SocketReaperHook";
    private static final String EVENT = "event";
    private static final String EVENT_TYPE = "(Ljava/lang/Object;I)V";
    private static final String DELEGATE = "delegate";
    private static final String DELEGATE_CLASS = "java/util/function/ObjIntConsumer";
    private static final String DELEGATE_TYPE = "L" + DELEGATE_CLASS + ";";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public NettyWeaving(boolean all) {
        this.all = all;
    }

    @Override
    public String stack() {
        return "netty";
    }

    @Override
    public String[] classes() {
        return new String[0];
    }

    @Override
    public String mainClass() {
        return EPOLL_STREAM;
    }

    /** {@link #ERRORS} is loaded as soon as a program asks whether there are native transports. */
    @Override
    public boolean tellsOfUse(String internalName) {
        return !canDoWithout(internalName);
    }

    @Override
    public boolean canDoWithout(String internalName) {
        return internalName.endsWith(ERRORS) || internalName.endsWith(URING_READS);
    }

    @Override
    public byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException {
        throw new UnknownInternalsException(internalName);
    }

    @Override
    public boolean weavesOfApplication(String name) {
        return name.endsWith("Channel")
                        && (name.endsWith(EPOLL)
                                || name.endsWith(EPOLL_STREAM)
                                || name.endsWith(URING)
                                || name.endsWith(URING_STREAM))
                || name.endsWith(ERRORS)
                || name.endsWith(URING_READS);
    }

    @Override
    public byte[] weaveOfApplication(ClassLoader loader, ProtectionDomain domain, String name, byte[] classFile)
            throws UnknownInternalsException, ReflectiveOperationException {
        byte[] woven = woven(name, classFile);
        String planted = planted(name);
        SocketReaperHook.plant(loader, domain, planted, plantedClass(planted));
        return woven;
    }

    /** The class with the calls in it. */
    byte[] woven(String name, byte[] classFile) throws UnknownInternalsException {
        String planted = planted(name);
        var reader = new ClassReader(classFile);
        var writer = new ClassWriter(reader, 0);
        var visitor = name.endsWith(ERRORS)
                ? new Errors(writer, name, planted)
                : name.endsWith(URING_READS)
                        ? new UringReads(writer, name, planted)
                        : name.endsWith(EPOLL_STREAM) || name.endsWith(URING_STREAM)
                                ? new StreamChannel(writer, name, planted)
                                : new Channel(writer, name, planted);
        reader.accept(visitor, 0);
        visitor.check();
        return writer.toByteArray();
    }

    private static String planted(String name) {
        return name.substring(0, name.lastIndexOf('/') + 1) + PLANTED;
    }

    /**
     * <pre>{@code
     * final class SocketReaperHook {
     *     static volatile ObjIntConsumer delegate;
     *     static void event(Object channel, int event) { try { delegate.accept(channel, event); } catch (Throwable lost) { } }
     * }
     * }</pre>
     */
    static byte[] plantedClass(String name) {
        var writer = new ClassWriter(0);
        writer.visit(
                Opcodes.V1_8,
                Opcodes.ACC_FINAL | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC,
                name,
                null,
                "java/lang/Object",
                null);
        writer.visitField(Opcodes.ACC_STATIC | Opcodes.ACC_VOLATILE, DELEGATE, DELEGATE_TYPE, null, null)
                .visitEnd();
        MethodVisitor event = writer.visitMethod(Opcodes.ACC_STATIC, EVENT, EVENT_TYPE, null, null);
        event.visitCode();
        var start = new Label();
        var end = new Label();
        var handler = new Label();
        event.visitTryCatchBlock(start, end, handler, "java/lang/Throwable");
        event.visitLabel(start);
        event.visitFieldInsn(Opcodes.GETSTATIC, name, DELEGATE, DELEGATE_TYPE);
        event.visitVarInsn(Opcodes.ALOAD, 0);
        event.visitVarInsn(Opcodes.ILOAD, 1);
        event.visitMethodInsn(Opcodes.INVOKEINTERFACE, DELEGATE_CLASS, "accept", EVENT_TYPE, true);
        event.visitLabel(end);
        event.visitInsn(Opcodes.RETURN);
        event.visitLabel(handler);
        event.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {"java/lang/Throwable"});
        event.visitInsn(Opcodes.POP);
        event.visitInsn(Opcodes.RETURN);
        event.visitMaxs(3, 2);
        event.visitEnd();
        writer.visitEnd();
        return writer.toByteArray();
    }

    /** Visits a class and counts what of it is known. */
    private abstract static class Visitor extends ClassVisitor {
        final String name;
        final String planted;
        private final int expected;
        private int found;

        Visitor(ClassVisitor target, String name, String planted, int expected) {
            super(Opcodes.ASM9, target);
            this.name = name;
            this.planted = planted;
            this.expected = expected;
        }

        final void found() {
            found++;
        }

        final void check() throws UnknownInternalsException {
            if (found < expected) {
                throw new UnknownInternalsException("of " + name.replace('/', '.') + " only " + found + " of "
                        + expected + " known members were found");
            }
        }

        @Override
        public final MethodVisitor visitMethod(
                int access, String method, String descriptor, String signature, String[] thrown) {
            MethodVisitor target = super.visitMethod(access, method, descriptor, signature, thrown);
            MethodVisitor woven = weave(method, descriptor, target);
            if (woven == null) {
                MethodVisitor optional = weaveIfThere(method, descriptor, target);
                return optional == null ? target : optional;
            }
            found++;
            return woven;
        }

        /** The same for a method that is not counted: the class is woven without it if it is not there. */
        MethodVisitor weaveIfThere(String method, String descriptor, MethodVisitor target) {
            return null;
        }

        /** Returns the visitor that weaves the method, or null for one that stays as it is. */
        abstract MethodVisitor weave(String method, String descriptor, MethodVisitor target);
    }

    private final class Channel extends Visitor {
        private String socketType;

        @Override
        MethodVisitor weaveIfThere(String method, String descriptor, MethodVisitor target) {
            return socketType != null && method.equals("doReadBytes") && descriptor.endsWith("/ByteBuf;)I")
                    ? new CallWithResultOfEpoll(target, planted, name, socketType, all)
                    : null;
        }

        Channel(ClassVisitor target, String name, String planted) {
            // with track=all doWrite, too, but epoll has it in the stream channel
            super(target, name, planted, 3);
        }

        @Override
        public FieldVisitor visitField(int access, String field, String descriptor, String signature, Object value) {
            if (field.equals(SOCKET) && descriptor.endsWith("/LinuxSocket;")) {
                socketType = descriptor;
                found();
            }
            return super.visitField(access, field, descriptor, signature, value);
        }

        @Override
        MethodVisitor weave(String method, String descriptor, MethodVisitor target) {
            if (socketType == null || !descriptor.equals("()V")) {
                return all ? weaveWrite(method, descriptor, planted, target) : null;
            }
            return switch (method) {
                case "doBeginRead" ->
                    new Calls(target, planted, name, socketType, SocketReaperHook.INTEREST_CHANGED, Calls.NONE);
                case "doClose" ->
                    new Calls(
                            target,
                            planted,
                            name,
                            socketType,
                            SocketReaperHook.CLOSED,
                            all ? SocketReaperHook.RELEASED : Calls.NONE);
                default -> null;
            };
        }
    }

    /** What io_uring says of a read, told in a class of its own. */
    private final class UringReads extends Visitor {
        private final String channel;

        UringReads(ClassVisitor target, String name, String planted) {
            // the method, and the field by which it knows the channel
            super(target, name, planted, 2);
            channel = name.substring(0, name.indexOf('$'));
        }

        @Override
        public FieldVisitor visitField(int access, String field, String descriptor, String signature, Object value) {
            if (field.equals(OUTER) && descriptor.equals("L" + channel + ";")) {
                found();
            }
            return super.visitField(access, field, descriptor, signature, value);
        }

        @Override
        MethodVisitor weave(String method, String descriptor, MethodVisitor target) {
            return method.equals("readComplete0") && descriptor.startsWith("(BI")
                    ? new CallWithResultOfUring(target, planted, name, channel, all)
                    : null;
        }
    }

    private final class StreamChannel extends Visitor {
        StreamChannel(ClassVisitor target, String name, String planted) {
            super(target, name, planted, all ? 2 : 1);
        }

        @Override
        MethodVisitor weave(String method, String descriptor, MethodVisitor target) {
            // Of io_uring since 4.2.18 by way of the channel's own doShutdownOutput, which lets go of its writes first.
            if ((method.equals("doShutdownOutput") || method.equals("doShutdownOutput0")) && descriptor.equals("()V")) {
                return new Calls(target, planted, name, null, Calls.NONE, SocketReaperHook.HALF_CLOSED);
            }
            if (!all) {
                return null;
            }
            return method.equals("<init>")
                    ? new Calls(target, planted, name, null, Calls.NONE, SocketReaperHook.OPENED)
                    : weaveWrite(method, descriptor, planted, target);
        }
    }

    private static final class Errors extends Visitor {
        Errors(ClassVisitor target, String name, String planted) {
            super(target, name, planted, 1);
        }

        @Override
        MethodVisitor weave(String method, String descriptor, MethodVisitor target) {
            return method.equals("newIOException") && descriptor.startsWith("(Ljava/lang/String;I)L")
                    ? new CallWithResult(target, planted)
                    : null;
        }
    }

    /**
     * {@code SocketReaperHook.event(channel, NATIVE_READ + signum(count) + (channel.socket.isOutputShutdown() ? OUTPUT_SHUT : 0))},
     * without a branch, so that no frame is needed.
     */
    private abstract static class CallOfRead extends MethodVisitor {
        private final String planted;
        private final int constant;

        CallOfRead(MethodVisitor target, String planted, int constant) {
            super(Opcodes.ASM9, target);
            this.planted = planted;
            this.constant = constant;
        }

        /** Puts the channel on the stack. */
        abstract void channel();

        /** Puts the channel's socket on the stack; returns its type. */
        abstract String socket();

        /** What the kernel returned and the channel are on the stack, the channel below. */
        final void call() {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Integer", "signum", "(I)I", false);
            super.visitIntInsn(Opcodes.BIPUSH, constant);
            super.visitInsn(Opcodes.IADD);
            String socketType = socket();
            super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, socketType, "isOutputShutdown", "()Z", false);
            super.visitInsn(Opcodes.ICONST_2);
            super.visitInsn(Opcodes.ISHL);
            super.visitInsn(Opcodes.IADD);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, planted, EVENT, EVENT_TYPE, false);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 4, maxLocals);
        }
    }

    private static int constantOf(boolean uring, boolean all) {
        return SocketReaperHook.NATIVE_READ
                + (uring ? SocketReaperHook.ZERO_IS_END : 0)
                + (all ? SocketReaperHook.ALL : 0);
    }

    /** Before every return of what was read by epoll's channel. */
    private static final class CallWithResultOfEpoll extends CallOfRead {
        private final String channel;
        private final String socketType;

        CallWithResultOfEpoll(MethodVisitor target, String planted, String channel, String socketType, boolean all) {
            super(target, planted, constantOf(false, all));
            this.channel = channel;
            this.socketType = socketType;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.IRETURN) {
                super.visitInsn(Opcodes.DUP);
                channel();
                super.visitInsn(Opcodes.SWAP);
                call();
            }
            super.visitInsn(opcode);
        }

        @Override
        void channel() {
            super.visitVarInsn(Opcodes.ALOAD, 0);
        }

        @Override
        String socket() {
            channel();
            super.visitFieldInsn(Opcodes.GETFIELD, channel, SOCKET, socketType);
            return socketType.substring(1, socketType.length() - 1);
        }
    }

    /** At the entry of io_uring's completion, whose second argument is what the kernel returned. */
    private static final class CallWithResultOfUring extends CallOfRead {
        private static final int RESULT = 2;

        private final String unsafe;
        private final String channel;

        CallWithResultOfUring(MethodVisitor target, String planted, String unsafe, String channel, boolean all) {
            super(target, planted, constantOf(true, all));
            this.unsafe = unsafe;
            this.channel = channel;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            channel();
            super.visitVarInsn(Opcodes.ILOAD, RESULT);
            call();
        }

        @Override
        void channel() {
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitFieldInsn(Opcodes.GETFIELD, unsafe, OUTER, "L" + channel + ";");
        }

        @Override
        String socket() {
            String socketType = channel.substring(0, channel.lastIndexOf('/')) + "/LinuxSocket";
            channel();
            // a field of the superclass, in the same package
            super.visitFieldInsn(Opcodes.GETFIELD, channel, SOCKET, "L" + socketType + ";");
            return socketType;
        }
    }

    private static MethodVisitor weaveWrite(String method, String descriptor, String planted, MethodVisitor target) {
        return method.equals("doWrite") && descriptor.endsWith("/ChannelOutboundBuffer;)V")
                ? new Calls(target, planted, null, null, SocketReaperHook.WROTE, Calls.NONE)
                : null;
    }

    /** {@code SocketReaperHook.event(result, FAILED)} before every return. */
    private static final class CallWithResult extends MethodVisitor {
        private final String planted;

        CallWithResult(MethodVisitor target, String planted) {
            super(Opcodes.ASM9, target);
            this.planted = planted;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.ARETURN) {
                super.visitInsn(Opcodes.DUP);
                super.visitIntInsn(Opcodes.BIPUSH, SocketReaperHook.FAILED);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, planted, EVENT, EVENT_TYPE, false);
            }
            super.visitInsn(opcode);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 2, maxLocals);
        }
    }

    /** An event at the method's entry, if the output is shut or always; another one before every normal return. */
    private static final class Calls extends MethodVisitor {
        static final int NONE = 0;

        private final String planted;
        private final String channel;
        private final String socketType;
        private final int atEntry;
        private final int atReturn;
        private boolean byAnotherConstructor;

        /**
         * @param channel    the class itself
         * @param socketType the entry's event is only for a channel whose output is shut, by its socket of this type; null: always
         * @param atEntry    number of the entry's event, or {@link #NONE}
         * @param atReturn   number of the returns' event, or {@link #NONE}
         */
        Calls(MethodVisitor target, String planted, String channel, String socketType, int atEntry, int atReturn) {
            super(Opcodes.ASM9, target);
            this.planted = planted;
            this.channel = channel;
            this.socketType = socketType;
            this.atEntry = atEntry;
            this.atReturn = atReturn;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            if (atEntry == NONE) {
                return;
            }
            if (socketType == null) {
                call(atEntry);
                return;
            }
            var healthy = new Label();
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitFieldInsn(Opcodes.GETFIELD, channel, SOCKET, socketType);
            super.visitMethodInsn(
                    Opcodes.INVOKEVIRTUAL,
                    socketType.substring(1, socketType.length() - 1),
                    "isOutputShutdown",
                    "()Z",
                    false);
            super.visitJumpInsn(Opcodes.IFEQ, healthy);
            call(atEntry);
            super.visitLabel(healthy);
            super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String method, String descriptor, boolean ofInterface) {
            byAnotherConstructor |= method.equals("<init>") && owner.equals(channel);
            super.visitMethodInsn(opcode, owner, method, descriptor, ofInterface);
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.RETURN && atReturn != NONE && !byAnotherConstructor) {
                call(atReturn);
            }
            super.visitInsn(opcode);
        }

        private void call(int event) {
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitIntInsn(Opcodes.BIPUSH, event);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, planted, EVENT, EVENT_TYPE, false);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 2, maxLocals);
        }
    }
}
