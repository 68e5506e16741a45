package io.socketreaper.stack;

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
public final class WovenClass extends ClassVisitor {
    public static final String HOOK = "sun/nio/ch/SocketReaperHook";
    public static final String HOOK_METHOD = "(Ljava/lang/Object;)V";
    private static final String HOOK_METHOD_OF_BOOLEAN = "(ZLjava/lang/Object;)V";
    /** The field by which {@code SocketChannelImpl} and {@code NioSocketImpl} know that they are half-closed. */
    public static final String OUTPUT_CLOSED = "isOutputClosed";

    private final String name;
    private final Methods methods;
    private final String halfClosedField;
    private final int expected;
    private int found;

    private WovenClass(String name, ClassWriter writer, Methods methods, String halfClosedField, int expected) {
        super(Opcodes.ASM9, writer);
        this.name = name;
        this.methods = methods;
        this.halfClosedField = halfClosedField;
        this.expected = expected;
    }

    /** Says what becomes of each method of a class. */
    public interface Methods {
        /** Returns the visitor that weaves the method, or null for one that stays as it is. */
        MethodVisitor weave(String nameAndDescriptor, MethodVisitor target);

        /**
         * The same for a method that another JDK may lack: it is not counted, and the class is woven without it. What is missed
         * then, the self-test says.
         */
        default MethodVisitor weaveIfThere(String nameAndDescriptor, MethodVisitor target) {
            return null;
        }

        /** The class has this field. Called before any of its methods is visited. */
        default void field(String field, String descriptor) {}
    }

    /**
     * Weaves a class.
     *
     * @param methods        the methods to weave
     * @param expectedMethods how many of them there must be
     * @param halfClosable   true if the class must have the field {@code isOutputClosed}
     */
    public static byte[] weave(
            String name, byte[] classFile, Methods methods, int expectedMethods, boolean halfClosable)
            throws UnknownInternalsException {
        return weave(name, classFile, methods, expectedMethods, halfClosable ? OUTPUT_CLOSED : null);
    }

    /** The same for a class that has another field for it, null for none. */
    public static byte[] weave(
            String name, byte[] classFile, Methods methods, int expectedMethods, String halfClosedField)
            throws UnknownInternalsException {
        var reader = new ClassReader(classFile);
        var writer = new ClassWriter(reader, 0);
        var visitor = new WovenClass(
                name, writer, methods, halfClosedField, expectedMethods + (halfClosedField != null ? 1 : 0));
        reader.accept(visitor, 0);
        visitor.check();
        return writer.toByteArray();
    }

    /** Asked before the class is visited: the JVM may hand over its methods in any order. */
    public static boolean hasMethod(String name, byte[] classFile) {
        var names = new MethodNames(name);
        new ClassReader(classFile)
                .accept(names, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return names.found;
    }

    private static final class MethodNames extends ClassVisitor {
        private final String wanted;
        private boolean found;

        MethodNames(String wanted) {
            super(Opcodes.ASM9);
            this.wanted = wanted;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String method, String descriptor, String signature, String[] thrown) {
            found |= method.equals(wanted);
            return null;
        }
    }

    private void check() throws UnknownInternalsException {
        if (found != expected) {
            throw new UnknownInternalsException("of " + name.replace('/', '.') + " only " + found + " of " + expected
                    + " known members were found");
        }
    }

    @Override
    public FieldVisitor visitField(int access, String field, String descriptor, String signature, Object value) {
        if (field.equals(halfClosedField) && descriptor.equals("Z") && (access & Opcodes.ACC_STATIC) == 0) {
            found++;
        }
        methods.field(field, descriptor);
        return super.visitField(access, field, descriptor, signature, value);
    }

    @Override
    public MethodVisitor visitMethod(int access, String method, String descriptor, String signature, String[] thrown) {
        MethodVisitor target = super.visitMethod(access, method, descriptor, signature, thrown);
        MethodVisitor woven = methods.weave(method + descriptor, target);
        if (woven == null) {
            MethodVisitor optional = methods.weaveIfThere(method + descriptor, target);
            return optional == null ? target : optional;
        }
        found++;
        return woven;
    }

    /** {@code SocketReaperHook.METHOD(this)} before every normal return. */
    public static final class CallBeforeReturn extends MethodVisitor {
        private final String hookMethod;

        public CallBeforeReturn(MethodVisitor target, String hookMethod) {
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

    /** {@code SocketReaperHook.METHOD(argument)} before every normal return. */
    public static final class CallWithArgumentBeforeReturn extends MethodVisitor {
        private final String hookMethod;

        public CallWithArgumentBeforeReturn(MethodVisitor target, String hookMethod) {
            super(Opcodes.ASM9, target);
            this.hookMethod = hookMethod;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.RETURN) {
                super.visitVarInsn(Opcodes.ALOAD, 1);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOK, hookMethod, HOOK_METHOD, false);
            }
            super.visitInsn(opcode);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 1, maxLocals);
        }
    }

    /** {@code SocketReaperHook.released(result, this)} before every return of a boolean result. */
    public static final class CallWithResult extends MethodVisitor {
        public CallWithResult(MethodVisitor target) {
            super(Opcodes.ASM9, target);
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.IRETURN) {
                super.visitInsn(Opcodes.DUP);
                super.visitVarInsn(Opcodes.ALOAD, 0);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOK, "released", "(ZLjava/lang/Object;)V", false);
            }
            super.visitInsn(opcode);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 2, maxLocals);
        }
    }

    /**
     * {@code SocketReaperHook.returned(result, TOLD, this)} before every return of an int or a long, where TOLD is the field by
     * which the owner knows that it is half-closed, or true. There is no branch, so no frame, and JFR of JDK 17 may rewrite the
     * method before or after.
     */
    public static final class CallWithCount extends MethodVisitor {
        private final String owner;
        private final String toldField;

        /** @param toldField null to tell of every socket */
        public CallWithCount(MethodVisitor target, String owner, String toldField) {
            super(Opcodes.ASM9, target);
            this.owner = owner;
            this.toldField = toldField;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.IRETURN || opcode == Opcodes.LRETURN) {
                super.visitInsn(opcode == Opcodes.IRETURN ? Opcodes.DUP : Opcodes.DUP2);
                if (toldField == null) {
                    super.visitInsn(Opcodes.ICONST_1);
                } else {
                    super.visitVarInsn(Opcodes.ALOAD, 0);
                    super.visitFieldInsn(Opcodes.GETFIELD, owner, toldField, "Z");
                }
                super.visitVarInsn(Opcodes.ALOAD, 0);
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        HOOK,
                        "returned",
                        opcode == Opcodes.IRETURN ? "(IZLjava/lang/Object;)V" : "(JZLjava/lang/Object;)V",
                        false);
            }
            super.visitInsn(opcode);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 4, maxLocals);
        }
    }

    /**
     * At the entry, {@code if (CONDITION) SocketReaperHook.METHOD(this);} where the condition is that the socket is
     * half-closed, a flag of the hook, or either.
     */
    public static final class CallWhen extends MethodVisitor {
        private final String owner;
        private final String halfClosedField;
        private final String flag;
        private final String hookMethod;
        private int argument;

        /**
         * @param halfClosed whether {@code isOutputClosed} of the owner is a condition
         * @param flag       the hook's flag that is one, null for none
         */
        public CallWhen(MethodVisitor target, String owner, boolean halfClosed, String flag, String hookMethod) {
            this(target, owner, halfClosed ? OUTPUT_CLOSED : null, flag, hookMethod);
        }

        /** @param halfClosedField the field of the owner that is a condition, null for none */
        public CallWhen(MethodVisitor target, String owner, String halfClosedField, String flag, String hookMethod) {
            super(Opcodes.ASM9, target);
            this.owner = owner;
            this.halfClosedField = halfClosedField;
            this.flag = flag;
            this.hookMethod = hookMethod;
        }

        /** The hook is called with the boolean in this local variable, too. */
        public CallWhen with(int localVariable) {
            argument = localVariable;
            return this;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            var call = new Label();
            var healthy = new Label();
            boolean both = halfClosedField != null && flag != null;
            if (halfClosedField != null) {
                super.visitVarInsn(Opcodes.ALOAD, 0);
                super.visitFieldInsn(Opcodes.GETFIELD, owner, halfClosedField, "Z");
                super.visitJumpInsn(both ? Opcodes.IFNE : Opcodes.IFEQ, both ? call : healthy);
            }
            if (flag != null) {
                super.visitFieldInsn(Opcodes.GETSTATIC, HOOK, flag, "Z");
                super.visitJumpInsn(Opcodes.IFEQ, healthy);
            }
            if (both) {
                super.visitLabel(call);
                super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
            }
            if (argument != 0) {
                super.visitVarInsn(Opcodes.ILOAD, argument);
            }
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    HOOK,
                    hookMethod,
                    argument == 0 ? HOOK_METHOD : HOOK_METHOD_OF_BOOLEAN,
                    false);
            super.visitLabel(healthy);
            super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(Math.max(maxStack, 2), maxLocals);
        }
    }

    /** {@code try { ... } catch (IOException e) { SocketReaperHook.failed(e); throw e; }} around the whole method. */
    public static final class CallOnFailure extends MethodVisitor {
        private static final String THROWN = "java/io/IOException";
        private final Object[] locals;
        private final Label start = new Label();

        /** @param locals what the method's first local variables hold throughout: itself, unless static, and its parameters */
        public CallOnFailure(MethodVisitor target, Object... locals) {
            super(Opcodes.ASM9, target);
            this.locals = locals;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            super.visitLabel(start);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            var handler = new Label();
            // Last in the table, so that the method's own handlers come first.
            super.visitTryCatchBlock(start, handler, handler, THROWN);
            super.visitLabel(handler);
            super.visitFrame(Opcodes.F_FULL, locals.length, locals, 1, new Object[] {THROWN});
            super.visitInsn(Opcodes.DUP);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOK, "failed", HOOK_METHOD, false);
            super.visitInsn(Opcodes.ATHROW);
            super.visitMaxs(Math.max(maxStack, 2), maxLocals);
        }
    }
}
