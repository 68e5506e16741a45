package io.socketreaper.stack;

import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * One method while a {@link HookCall} is put into it. Its own methods write the instructions of the call; each returns this.
 *
 * <p>A branch goes to the method's entry only, where the stack map frame is the method's own, so no frames need to be computed.
 */
public class WovenMethod extends MethodVisitor {
    /** The class in {@code java.base} that is called. */
    public static final String HOOK = "sun/nio/ch/SocketReaperHook";

    private final String owner;
    private final HookCall call;

    /** @param owner internal name of the method's class */
    public WovenMethod(MethodVisitor written, String owner, HookCall call) {
        super(Opcodes.ASM9, written);
        this.owner = owner;
        this.call = call;
    }

    @Override
    public void visitCode() {
        super.visitCode();
        call.atEntry(this);
    }

    @Override
    public void visitInsn(int opcode) {
        if (opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
            call.beforeReturn(this, opcode);
        }
        super.visitInsn(opcode);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
        super.visitMaxs(maxStack + call.stack(), maxLocals);
    }

    /** Any instruction without an operand. */
    public final WovenMethod instruction(int opcode) {
        mv.visitInsn(opcode);
        return this;
    }

    /** Puts a small number on the stack. */
    public final WovenMethod constant(int value) {
        mv.visitIntInsn(Opcodes.BIPUSH, value);
        return this;
    }

    /** Puts true or false on the stack. */
    public final WovenMethod constant(boolean value) {
        return instruction(value ? Opcodes.ICONST_1 : Opcodes.ICONST_0);
    }

    /** Puts a local variable on the stack that holds an object; 0 is this. */
    public final WovenMethod object(int variable) {
        mv.visitVarInsn(Opcodes.ALOAD, variable);
        return this;
    }

    /** Puts a local variable on the stack that holds an int or a boolean. */
    public final WovenMethod number(int variable) {
        mv.visitVarInsn(Opcodes.ILOAD, variable);
        return this;
    }

    /** Puts a local variable on the stack that holds a long. */
    public final WovenMethod longNumber(int variable) {
        mv.visitVarInsn(Opcodes.LLOAD, variable);
        return this;
    }

    /** Takes what is on the stack into a local variable. */
    public final WovenMethod store(int opcode, int variable) {
        mv.visitVarInsn(opcode, variable);
        return this;
    }

    /** Puts a field of this on the stack. */
    public final WovenMethod field(String name, String descriptor) {
        return object(0).fieldOf(owner, name, descriptor);
    }

    /** Replaces the object on the stack by a field of it. */
    public final WovenMethod fieldOf(String type, String name, String descriptor) {
        mv.visitFieldInsn(Opcodes.GETFIELD, type, name, descriptor);
        return this;
    }

    /** Calls a method of the object on the stack. */
    public final WovenMethod invoke(String type, String name, String descriptor) {
        mv.visitMethodInsn(Opcodes.INVOKEVIRTUAL, type, name, descriptor, false);
        return this;
    }

    public final WovenMethod invokeStatic(String type, String name, String descriptor) {
        mv.visitMethodInsn(Opcodes.INVOKESTATIC, type, name, descriptor, false);
        return this;
    }

    /** Calls the hook with the object on the stack. */
    public final WovenMethod hook(String method) {
        return hook(method, "(Ljava/lang/Object;)V");
    }

    /** Calls the hook with its arguments on the stack. */
    public final WovenMethod hook(String method, String descriptor) {
        return invokeStatic(HOOK, method, descriptor);
    }

    /** Puts a flag of the hook on the stack. */
    public final WovenMethod flag(String name) {
        mv.visitFieldInsn(Opcodes.GETSTATIC, HOOK, name, "Z");
        return this;
    }

    /** Tests the type of the object on the stack, or casts it. */
    public final WovenMethod type(int opcode, String type) {
        mv.visitTypeInsn(opcode, type);
        return this;
    }

    public final WovenMethod jump(int opcode, Label to) {
        mv.visitJumpInsn(opcode, to);
        return this;
    }

    /** Where a jump from the method's entry ends. */
    public final WovenMethod target(Label label) {
        mv.visitLabel(label);
        mv.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        return this;
    }
}
