package io.socketreaper.weave;

import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * The JDK's {@code SocketChannel}. In Java the woven code amounts to
 *
 * <pre>{@code
 * // SocketChannelImpl
 * SocketChannel shutdownOutput()      { ...; SocketReaperHook.halfClosed(this); return this; }
 * void endRead(boolean, boolean)      { if (isOutputClosed) SocketReaperHook.read(this); ... }
 * void implCloseSelectableChannel()   { if (isOutputClosed) SocketReaperHook.closed(this); ... }
 *
 * // EPollSelectorImpl, PollSelectorImpl; the JDK calls it only when a key's interest has changed
 * void setEventOps(SelectionKeyImpl key) {
 *     if (key.channel() instanceof SocketChannelImpl c && !c.isOutputOpen()) SocketReaperHook.interestChanged(c);
 *     ...
 * }
 * }</pre>
 *
 * {@code endRead} is where every read of the channel ends: both {@code read} methods and the socket adaptor's stream,
 * blocking or not, in 17 as in 25. All tests stand at a method's entry, where the stack map frame is the method's own, so
 * no frames need to be computed; and the read methods themselves stay as they are, which leaves them to JFR on JDK 17.
 */
public final class NioWeaving implements StackWeaving {
    private static final String CHANNEL = "sun/nio/ch/SocketChannelImpl";
    private static final String EPOLL_SELECTOR = "sun/nio/ch/EPollSelectorImpl";
    private static final String POLL_SELECTOR = "sun/nio/ch/PollSelectorImpl";
    private static final String KEY = "sun/nio/ch/SelectionKeyImpl";
    private static final String HOOK = "sun/nio/ch/SocketReaperHook";
    private static final String HOOK_METHOD = "(Ljava/lang/Object;)V";

    @Override
    public String stack() {
        return "nio";
    }

    @Override
    public String[] classes() {
        return new String[] {CHANNEL, EPOLL_SELECTOR, POLL_SELECTOR};
    }

    @Override
    public String mainClass() {
        return CHANNEL;
    }

    @Override
    public byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException {
        var reader = new ClassReader(classFile);
        var writer = new ClassWriter(reader, 0);
        boolean channel = internalName.equals(CHANNEL);
        var visitor = channel ? new ChannelVisitor(writer) : new SelectorVisitor(writer);
        reader.accept(visitor, 0);
        visitor.check(internalName);
        return writer.toByteArray();
    }

    /** Counts what it found, so that a JDK that lacks something is left alone. */
    private abstract static class Visitor extends ClassVisitor {
        private final int expected;
        int found;

        Visitor(ClassWriter writer, int expected) {
            super(Opcodes.ASM9, writer);
            this.expected = expected;
        }

        final void check(String internalName) throws UnknownInternalsException {
            if (found != expected) {
                throw new UnknownInternalsException("of " + internalName.replace('/', '.') + " only " + found + " of "
                        + expected + " known members were found");
            }
        }
    }

    private static final class ChannelVisitor extends Visitor {
        ChannelVisitor(ClassWriter writer) {
            super(writer, 4);
        }

        @Override
        public FieldVisitor visitField(int access, String name, String descriptor, String signature, Object value) {
            if (name.equals("isOutputClosed") && descriptor.equals("Z") && (access & Opcodes.ACC_STATIC) == 0) {
                found++;
            }
            return super.visitField(access, name, descriptor, signature, value);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] thrown) {
            MethodVisitor target = super.visitMethod(access, name, descriptor, signature, thrown);
            if (name.equals("shutdownOutput") && descriptor.equals("()Ljava/nio/channels/SocketChannel;")) {
                found++;
                return new CallBeforeReturn(target, "halfClosed");
            } else if (name.equals("endRead") && descriptor.equals("(ZZ)V")) {
                found++;
                return new CallWhenHalfClosed(target, "read");
            } else if (name.equals("implCloseSelectableChannel") && descriptor.equals("()V")) {
                found++;
                return new CallWhenHalfClosed(target, "closed");
            }
            return target;
        }
    }

    private static final class SelectorVisitor extends Visitor {
        SelectorVisitor(ClassWriter writer) {
            super(writer, 1);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] thrown) {
            MethodVisitor target = super.visitMethod(access, name, descriptor, signature, thrown);
            if (name.equals("setEventOps") && descriptor.equals("(Lsun/nio/ch/SelectionKeyImpl;)V")) {
                found++;
                return new CallOnInterest(target);
            }
            return target;
        }
    }

    /** {@code SocketReaperHook.METHOD(this)} before every normal return of a reference. */
    private static final class CallBeforeReturn extends MethodVisitor {
        private final String hookMethod;

        CallBeforeReturn(MethodVisitor target, String hookMethod) {
            super(Opcodes.ASM9, target);
            this.hookMethod = hookMethod;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.ARETURN) {
                super.visitVarInsn(Opcodes.ALOAD, 0);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOK, hookMethod, HOOK_METHOD, false);
            }
            super.visitInsn(opcode);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 1, maxLocals);
        }
    }

    /** {@code if (isOutputClosed) SocketReaperHook.METHOD(this);} at the entry. */
    private static final class CallWhenHalfClosed extends MethodVisitor {
        private final String hookMethod;

        CallWhenHalfClosed(MethodVisitor target, String hookMethod) {
            super(Opcodes.ASM9, target);
            this.hookMethod = hookMethod;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            var healthy = new Label();
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitFieldInsn(Opcodes.GETFIELD, CHANNEL, "isOutputClosed", "Z");
            super.visitJumpInsn(Opcodes.IFEQ, healthy);
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOK, hookMethod, HOOK_METHOD, false);
            super.visitLabel(healthy);
            super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(Math.max(maxStack, 1), maxLocals);
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
            super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOK, "interestChanged", HOOK_METHOD, false);
            super.visitLabel(healthy);
            super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }

        private void channelOfKey() {
            super.visitVarInsn(Opcodes.ALOAD, 1);
            super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, KEY, "channel", "()Ljava/nio/channels/SelectableChannel;", false);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(Math.max(maxStack, 1), maxLocals);
        }
    }
}
