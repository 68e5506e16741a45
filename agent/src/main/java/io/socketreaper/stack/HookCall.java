package io.socketreaper.stack;

import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/** The code that is put into a method: calls of the hook at its entry, before its returns, or both. */
public abstract class HookCall {
    /** The field by which {@code SocketChannelImpl} and {@code NioSocketImpl} know that they are half-closed. */
    public static final String OUTPUT_CLOSED = "isOutputClosed";

    private final int stack;

    /** @param stack how many slots of the stack it needs, beside what is there already */
    protected HookCall(int stack) {
        this.stack = stack;
    }

    final int stack() {
        return stack;
    }

    /** Writes what is done at the method's entry. */
    protected void atEntry(WovenMethod method) {}

    /**
     * Writes what is done before a normal return.
     *
     * @param opcode of the return; its operand, if it has one, is on the stack and must be left there
     */
    protected void beforeReturn(WovenMethod method, int opcode) {}

    /**
     * Returns the visitor that puts it in.
     *
     * @param written    writes the method
     * @param owner      internal name of its class
     * @param access     its flags
     * @param descriptor its parameters and result
     */
    protected MethodVisitor into(MethodVisitor written, String owner, int access, String descriptor) {
        return new WovenMethod(written, owner, this);
    }

    /** {@code SocketReaperHook.METHOD(this)} before every normal return. */
    public static HookCall beforeReturn(String hookMethod) {
        return new BeforeReturn(hookMethod, 0);
    }

    /** {@code SocketReaperHook.METHOD(argument)} before every normal return, with the method's first argument. */
    public static HookCall withArgumentBeforeReturn(String hookMethod) {
        return new BeforeReturn(hookMethod, 1);
    }

    private static final class BeforeReturn extends HookCall {
        private final String hookMethod;
        private final int variable;

        BeforeReturn(String hookMethod, int variable) {
            super(1);
            this.hookMethod = hookMethod;
            this.variable = variable;
        }

        @Override
        protected void beforeReturn(WovenMethod method, int opcode) {
            method.object(variable).hook(hookMethod);
        }
    }

    /** {@code SocketReaperHook.released(result, this)} before every return of a boolean. */
    public static HookCall released() {
        return new Released();
    }

    /** {@code SocketReaperHook.released(true, this)} before every return of a method without a result. */
    public static HookCall releasedInAnyCase() {
        return new Released();
    }

    private static final class Released extends HookCall {
        Released() {
            super(2);
        }

        @Override
        protected void beforeReturn(WovenMethod method, int opcode) {
            if (opcode == Opcodes.IRETURN) {
                method.instruction(Opcodes.DUP);
            } else {
                method.constant(true);
            }
            method.object(0).hook("released", "(ZLjava/lang/Object;)V");
        }
    }

    /**
     * {@code SocketReaperHook.returned(count, HALF_CLOSED, this)} before every return of an int or a long. There is no branch, so no
     * frame, and JFR of JDK 17 may rewrite the method before or after.
     *
     * @param halfClosedField the field by which the class knows that it is half-closed; null to tell of every socket
     */
    public static HookCall returned(@Nullable String halfClosedField) {
        return new Returned(halfClosedField);
    }

    private static final class Returned extends HookCall {
        private final @Nullable String halfClosedField;

        Returned(@Nullable String halfClosedField) {
            super(4);
            this.halfClosedField = halfClosedField;
        }

        @Override
        protected void beforeReturn(WovenMethod method, int opcode) {
            boolean isLong = opcode == Opcodes.LRETURN;
            method.instruction(isLong ? Opcodes.DUP2 : Opcodes.DUP);
            if (halfClosedField == null) {
                method.constant(true);
            } else {
                method.field(halfClosedField, "Z");
            }
            method.object(0).hook("returned", isLong ? "(JZLjava/lang/Object;)V" : "(IZLjava/lang/Object;)V");
        }
    }

    /** At the entry: {@code if (half-closed) SocketReaperHook.METHOD(this);}. */
    public static AtEntry whenHalfClosed(String halfClosedField, String hookMethod) {
        return new AtEntry(halfClosedField, null, hookMethod);
    }

    /** At the entry: {@code if (SocketReaperHook.FLAG) SocketReaperHook.METHOD(this);}. */
    public static AtEntry whenFlag(String flag, String hookMethod) {
        return new AtEntry(null, flag, hookMethod);
    }

    /** At the entry, as {@link #whenHalfClosed}; for {@code track=all} also while the hook's {@code traffic} is set. */
    public static AtEntry whenHalfClosedOrAll(String halfClosedField, boolean all, String hookMethod) {
        return new AtEntry(halfClosedField, all ? "traffic" : null, hookMethod);
    }

    /** At the entry, if one of two conditions holds. */
    public static final class AtEntry extends HookCall {
        private final @Nullable String halfClosedField;
        private final @Nullable String flag;
        private final String hookMethod;
        private int argument;

        private AtEntry(@Nullable String halfClosedField, @Nullable String flag, String hookMethod) {
            super(2);
            this.halfClosedField = halfClosedField;
            this.flag = flag;
            this.hookMethod = hookMethod;
        }

        /** The hook is called with the boolean in this local variable, too. Returns this. */
        public AtEntry with(int variable) {
            argument = variable;
            return this;
        }

        @Override
        protected void atEntry(WovenMethod method) {
            var call = new Label();
            var neither = new Label();
            boolean both = halfClosedField != null && flag != null;
            if (halfClosedField != null) {
                method.field(halfClosedField, "Z").jump(both ? Opcodes.IFNE : Opcodes.IFEQ, both ? call : neither);
            }
            if (flag != null) {
                method.flag(flag).jump(Opcodes.IFEQ, neither);
            }
            if (both) {
                method.target(call);
            }
            if (argument == 0) {
                method.object(0).hook(hookMethod);
            } else {
                method.number(argument).object(0).hook(hookMethod, "(ZLjava/lang/Object;)V");
            }
            method.target(neither);
        }
    }

    /** {@code try { ... } catch (IOException e) { SocketReaperHook.failed(e); throw e; }} around the whole method. */
    public static HookCall onFailure() {
        return new OnFailure();
    }

    private static final class OnFailure extends HookCall {
        OnFailure() {
            super(0);
        }

        @Override
        protected MethodVisitor into(MethodVisitor written, String owner, int access, String descriptor) {
            return new InCatch(written, owner, this, locals(owner, access, descriptor));
        }

        /** What the first local variables hold throughout the method: this, unless it is static, and its parameters. */
        private static Object[] locals(String owner, int access, String descriptor) {
            Type[] parameters = Type.getArgumentTypes(descriptor);
            int first = (access & Opcodes.ACC_STATIC) != 0 ? 0 : 1;
            var locals = new Object[first + parameters.length];
            if (first == 1) {
                locals[0] = owner;
            }
            for (int i = 0; i < parameters.length; i++) {
                locals[first + i] = local(parameters[i]);
            }
            return locals;
        }

        private static Object local(Type type) {
            return switch (type.getSort()) {
                case Type.LONG -> Opcodes.LONG;
                case Type.DOUBLE -> Opcodes.DOUBLE;
                case Type.FLOAT -> Opcodes.FLOAT;
                case Type.OBJECT, Type.ARRAY -> type.getInternalName();
                default -> Opcodes.INTEGER;
            };
        }
    }

    private static final class InCatch extends WovenMethod {
        private static final String THROWN = "java/io/IOException";

        private final Object[] locals;
        private final Label start = new Label();

        InCatch(MethodVisitor written, String owner, HookCall call, Object[] locals) {
            super(written, owner, call);
            this.locals = locals;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            mv.visitLabel(start);
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            var handler = new Label();
            // Last in the table of handlers, so that the method's own handlers come first.
            mv.visitTryCatchBlock(start, handler, handler, THROWN);
            mv.visitLabel(handler);
            mv.visitFrame(Opcodes.F_FULL, locals.length, locals, 1, new Object[] {THROWN});
            instruction(Opcodes.DUP).hook("failed").instruction(Opcodes.ATHROW);
            super.visitMaxs(Math.max(maxStack, 2), maxLocals);
        }
    }
}
