package io.socketreaper.stack.netty;

import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * The class that woven code of Netty calls, in Netty's own package and loader:
 *
 * <pre>{@code
 * final class SocketReaperHook {
 *     static volatile ObjIntConsumer delegate;
 *     static void event(Object channel, int event) { try { delegate.accept(channel, event); } catch (Throwable lost) { } }
 * }
 * }</pre>
 */
final class PlantedHook {
    static final String EVENT = "event";
    static final String EVENT_TYPE = "(Ljava/lang/Object;I)V";

    private static final String NAME = "SocketReaperHook";
    private static final String DELEGATE = "delegate";
    private static final String DELEGATE_CLASS = "java/util/function/ObjIntConsumer";
    private static final String DELEGATE_TYPE = "L" + DELEGATE_CLASS + ";";

    private PlantedHook() {}

    /** Returns its internal name beside a woven class. */
    static String beside(String woven) {
        return woven.substring(0, woven.lastIndexOf('/') + 1) + NAME;
    }

    /** @param name its internal name */
    static byte[] classFile(String name) {
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
}
