package io.socketreaper.stack.nio;

import io.socketreaper.stack.HookCall;
import io.socketreaper.stack.WovenMethod;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** What is put into a selector's methods. */
final class SelectionWeaving {
    private SelectionWeaving() {}

    /**
     * Around {@code int lockAndDoSelect(Consumer action, long timeout)}, outside the monitors that it takes:
     *
     * <pre>{@code
     * if (SocketReaperHook.selections) SocketReaperHook.selecting(timeout, this);
     * do {
     *     int selected = ...;
     *     timeout = SocketReaperHook.repeat(selected, timeout, this);
     * } while (timeout != 0);
     * return selected;
     * }</pre>
     *
     * The only branch beside that at the entry goes back to the entry, where the frame is the method's own.
     */
    static final class Repeated extends HookCall {
        /** After this and the action. */
        private static final int TIMEOUT = 2;
        /** A local variable that no JDK's method has: it has ten. */
        private static final int SELECTED = 16;

        private final Label select = new Label();

        Repeated() {
            super(4);
        }

        @Override
        protected MethodVisitor into(MethodVisitor written, String owner, int access, String descriptor) {
            return new WovenMethod(written, owner, this) {
                @Override
                public void visitMaxs(int maxStack, int maxLocals) {
                    if (maxLocals > SELECTED) {
                        throw new IllegalStateException("lockAndDoSelect has " + maxLocals + " local variables");
                    }
                    super.visitMaxs(maxStack, Math.max(maxLocals, SELECTED + 1));
                }
            };
        }

        @Override
        protected void atEntry(WovenMethod method) {
            method.flag("selections").jump(Opcodes.IFEQ, select);
            method.longNumber(TIMEOUT)
                    .object(0)
                    .hook("selecting", "(JLjava/lang/Object;)V")
                    .target(select);
        }

        @Override
        protected void beforeReturn(WovenMethod method, int opcode) {
            method.store(Opcodes.ISTORE, SELECTED)
                    .number(SELECTED)
                    .longNumber(TIMEOUT)
                    .object(0)
                    .hook("repeat", "(IJLjava/lang/Object;)J")
                    .store(Opcodes.LSTORE, TIMEOUT)
                    .longNumber(TIMEOUT)
                    .instruction(Opcodes.LCONST_0)
                    .instruction(Opcodes.LCMP)
                    .jump(Opcodes.IFNE, select)
                    .number(SELECTED);
        }
    }

    /** {@code SocketReaperHook.woken(interruptTriggered, this)} where {@code clearInterrupt} is about to set that field to false. */
    static final class Woken extends HookCall {
        private static final String BY_OTHERS = "interruptTriggered";

        Woken() {
            super(2);
        }

        @Override
        protected MethodVisitor into(MethodVisitor written, String owner, int access, String descriptor) {
            return new WovenMethod(written, owner, this) {
                @Override
                public void visitFieldInsn(int opcode, String type, String name, String of) {
                    if (opcode == Opcodes.PUTFIELD && name.equals(BY_OTHERS)) {
                        field(BY_OTHERS, "Z").object(0).hook("woken", "(ZLjava/lang/Object;)V");
                    }
                    super.visitFieldInsn(opcode, type, name, of);
                }
            };
        }
    }
}
