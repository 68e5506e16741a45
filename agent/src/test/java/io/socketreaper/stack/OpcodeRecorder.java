package io.socketreaper.stack;

import java.util.StringJoiner;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** Notes what a method does, instruction by instruction. */
final class OpcodeRecorder extends MethodVisitor {
    private final Consumer<String> end;
    private final StringJoiner seen = new StringJoiner("\n");

    OpcodeRecorder(Consumer<String> end) {
        super(Opcodes.ASM9);
        this.end = end;
    }

    private void note(int opcode, Object... operands) {
        var line = new StringJoiner(" ").add(String.valueOf(opcode));
        for (var operand : operands) {
            line.add(String.valueOf(operand));
        }
        seen.add(line.toString());
    }

    @Override
    public void visitInsn(int opcode) {
        note(opcode);
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
        note(opcode, operand);
    }

    @Override
    public void visitVarInsn(int opcode, int variable) {
        note(opcode, variable);
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
        note(opcode, type);
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
        note(opcode, owner, name, descriptor);
    }

    @Override
    public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
        note(opcode, owner, name, descriptor);
    }

    @Override
    public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
        note(Opcodes.INVOKEDYNAMIC, name, descriptor, bootstrap);
    }

    @Override
    public void visitJumpInsn(int opcode, Label target) {
        note(opcode);
    }

    @Override
    public void visitLdcInsn(Object value) {
        note(Opcodes.LDC, value);
    }

    @Override
    public void visitIincInsn(int variable, int increment) {
        note(Opcodes.IINC, variable, increment);
    }

    @Override
    public void visitEnd() {
        end.accept(seen.toString());
    }
}
