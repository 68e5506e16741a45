package io.socketreaper.weave;

import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Visits one class of the JDK, puts calls of the hook into the methods it is told of, and refuses if one is not there.
 *
 * <p>All tests stand at a method's entry, where the stack map frame is the method's own, so no frames need to be computed.
 */
final class WovenClass extends ClassVisitor {
    static final String HOOK = "sun/nio/ch/SocketReaperHook";
    static final String HOOK_METHOD = "(Ljava/lang/Object;)V";
    private static final String OUTPUT_CLOSED = "isOutputClosed";

    private final String name;
    private final Methods methods;
    private final int expected;
    private int found;

    private WovenClass(String name, ClassWriter writer, Methods methods, int expected) {
        super(Opcodes.ASM9, writer);
        this.name = name;
        this.methods = methods;
        this.expected = expected;
    }

    /** Says what becomes of each method of a class. */
    interface Methods {
        /** Returns the visitor that weaves the method, or null for one that stays as it is. */
        MethodVisitor weave(String nameAndDescriptor, MethodVisitor target);
    }

    /**
     * Weaves a class.
     *
     * @param methods        the methods to weave
     * @param expectedMethods how many of them there must be
     * @param halfClosable   true if the class must have the field {@code isOutputClosed}
     */
    static byte[] weave(String name, byte[] classFile, Methods methods, int expectedMethods, boolean halfClosable)
            throws UnknownInternalsException {
        var reader = new ClassReader(classFile);
        var writer = new ClassWriter(reader, 0);
        var visitor = new WovenClass(name, writer, methods, expectedMethods + (halfClosable ? 1 : 0));
        reader.accept(visitor, 0);
        visitor.check();
        return writer.toByteArray();
    }

    private void check() throws UnknownInternalsException {
        if (found != expected) {
            throw new UnknownInternalsException("of " + name.replace('/', '.') + " only " + found + " of " + expected
                    + " known members were found");
        }
    }

    @Override
    public FieldVisitor visitField(int access, String field, String descriptor, String signature, Object value) {
        if (field.equals(OUTPUT_CLOSED) && descriptor.equals("Z") && (access & Opcodes.ACC_STATIC) == 0) {
            found++;
        }
        return super.visitField(access, field, descriptor, signature, value);
    }

    @Override
    public MethodVisitor visitMethod(int access, String method, String descriptor, String signature, String[] thrown) {
        MethodVisitor target = super.visitMethod(access, method, descriptor, signature, thrown);
        MethodVisitor woven = methods.weave(method + descriptor, target);
        if (woven == null) {
            return target;
        }
        found++;
        return woven;
    }

    /** {@code SocketReaperHook.METHOD(this)} before every normal return. */
    static final class CallBeforeReturn extends MethodVisitor {
        private final String hookMethod;

        CallBeforeReturn(MethodVisitor target, String hookMethod) {
            super(Opcodes.ASM9, target);
            this.hookMethod = hookMethod;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.ARETURN || opcode == Opcodes.RETURN) {
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
    static final class CallWhenHalfClosed extends MethodVisitor {
        private final String owner;
        private final String hookMethod;

        CallWhenHalfClosed(MethodVisitor target, String owner, String hookMethod) {
            super(Opcodes.ASM9, target);
            this.owner = owner;
            this.hookMethod = hookMethod;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            var healthy = new Label();
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitFieldInsn(Opcodes.GETFIELD, owner, OUTPUT_CLOSED, "Z");
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
}
