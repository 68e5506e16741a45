package io.socketreaper.stack.classic;

import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.UnknownInternalsException;
import io.socketreaper.stack.WovenClass;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * The JDK's {@code java.net.Socket}, accepted and connected. In Java the woven code amounts to
 *
 * <pre>{@code
 * // sun.nio.ch.NioSocketImpl
 * void shutdownOutput() { ...; SocketReaperHook.halfClosed(this); }
 * void endRead(boolean n) { if (isOutputClosed [|| SocketReaperHook.traffic]) SocketReaperHook.read(n, this); ... }
 * int read(byte[], int, int) { ...; SocketReaperHook.returned(n, isOutputClosed [or true], this); return n; }
 * int available()       { if (isOutputClosed [|| SocketReaperHook.traffic]) SocketReaperHook.polledInput(this); ... }
 * void close()          { if (isOutputClosed) SocketReaperHook.closed(this); ... }
 *
 * // java.net.Socket; so that the socket is closed as a whole, not only what lies below it
 * void shutdownOutput() { ...; SocketReaperHook.front(this); }
 *
 * // sun.security.ssl.BaseSSLSocketImpl, the same for TLS; an SSLSocket that leaves the socket below to the application
 * // (autoClose == false) sends close_notify but no FIN and never gets here
 * void shutdownOutput() { ...; SocketReaperHook.front(this); }
 *
 * // sun.security.ssl.SSLSocketImpl.AppInputStream, which reads what TLS has decrypted
 * int read(byte[], int, int) { ...; SocketReaperHook.returnedAbove(n, socket.isOutputShutdown(), false [or true], socket); return n; }
 * int available() { ...; SocketReaperHook.polledAbove(n, socket.isOutputShutdown(), socket); return n; }
 *
 * // with track=all also sun.security.ssl.SSLSocketImpl
 * void doneConnect()    { ...; SocketReaperHook.front(this); }
 * }</pre>
 *
 * What stands in brackets is woven with {@code track=all} only. The sockets of a channel's adaptor go through the channel.
 */
public final class ClassicSocketWeaving implements StackWeaving {
    private static final String IMPLEMENTATION = "sun/nio/ch/NioSocketImpl";
    private static final String FRONT = "java/net/Socket";
    private static final String SERVER_FRONT = "java/net/ServerSocket";
    private static final String TLS = "sun/security/ssl/BaseSSLSocketImpl";
    private static final String TLS_CONNECTED = "sun/security/ssl/SSLSocketImpl";
    private static final String TLS_INPUT = "sun/security/ssl/SSLSocketImpl$AppInputStream";

    /** By which an inner class knows the object it belongs to. */
    private static final String OUTER = "this$0";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public ClassicSocketWeaving(boolean all) {
        this.all = all;
    }

    @Override
    public String stack() {
        return "socket";
    }

    @Override
    public String[] classes() {
        return all
                ? new String[] {IMPLEMENTATION, FRONT, SERVER_FRONT, TLS, TLS_CONNECTED, TLS_INPUT}
                : new String[] {IMPLEMENTATION, FRONT, TLS, TLS_INPUT};
    }

    @Override
    public String mainClass() {
        return IMPLEMENTATION;
    }

    @Override
    public byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException {
        return switch (internalName) {
            case IMPLEMENTATION ->
                WovenClass.weave(internalName, classFile, new ImplementationMethods(), all ? 7 : 4, true);
            case FRONT -> WovenClass.weave(internalName, classFile, new FrontMethods(), all ? 2 : 1, false);
            case SERVER_FRONT -> WovenClass.weave(internalName, classFile, new ServerFrontMethods(), 1, false);
            case TLS_INPUT -> WovenClass.weave(internalName, classFile, new TlsInputMethods(), 0, false);
            default -> WovenClass.weave(internalName, classFile, new TlsMethods(internalName), 1, false);
        };
    }

    private final class ImplementationMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                case "shutdownOutput()V" -> new WovenClass.CallBeforeReturn(target, "halfClosed");
                case "endRead(Z)V" ->
                    new WovenClass.CallWhen(target, IMPLEMENTATION, true, all ? "traffic" : null, "read").with(1);
                case "close()V" -> new WovenClass.CallWhen(target, IMPLEMENTATION, true, null, "closed");
                case "accept(Ljava/net/SocketImpl;)V" ->
                    new WovenClass.CallOnFailure(
                            all ? new WovenClass.CallWithArgumentBeforeReturn(target, "opened") : target,
                            IMPLEMENTATION,
                            "java/net/SocketImpl");
                case "create(Z)V" -> all ? new WovenClass.CallBeforeReturn(target, "opened") : null;
                case "endWrite(Z)V" ->
                    all ? new WovenClass.CallWhen(target, IMPLEMENTATION, false, "traffic", "wrote") : null;
                case "tryClose()Z" -> all ? new WovenClass.CallWithResult(target) : null;
                default -> null;
            };
        }

        @Override
        public MethodVisitor weaveIfThere(String method, MethodVisitor target) {
            return switch (method) {
                case "read([BII)I" ->
                    new WovenClass.CallWithCount(target, IMPLEMENTATION, all ? null : WovenClass.OUTPUT_CLOSED);
                case "available()I" ->
                    new WovenClass.CallWhen(target, IMPLEMENTATION, true, all ? "traffic" : null, "polledInput");
                default -> null;
            };
        }
    }

    private final class FrontMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                case "shutdownOutput()V" -> new WovenClass.CallBeforeReturn(target, "front");
                case "connect(Ljava/net/SocketAddress;I)V" ->
                    all ? new WovenClass.CallBeforeReturn(target, "front") : null;
                default -> null;
            };
        }
    }

    private static final class TlsMethods implements WovenClass.Methods {
        private final String woven;

        TlsMethods(String internalName) {
            woven = internalName.equals(TLS) ? "shutdownOutput()V" : "doneConnect()V";
        }

        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return method.equals(woven) ? new WovenClass.CallBeforeReturn(target, "front") : null;
        }
    }

    /** What TLS has decrypted is read without a read below; and one read of its may need several below. */
    private final class TlsInputMethods implements WovenClass.Methods {
        private boolean knowsItsSocket;

        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return null;
        }

        @Override
        public void field(String field, String descriptor) {
            knowsItsSocket |= field.equals(OUTER) && descriptor.equals("L" + TLS_CONNECTED + ";");
        }

        @Override
        public MethodVisitor weaveIfThere(String method, MethodVisitor target) {
            if (!knowsItsSocket) {
                return null;
            }
            return switch (method) {
                case "read([BII)I" -> new CallAbove(target, "returnedAbove", all ? Opcodes.ICONST_1 : Opcodes.ICONST_0);
                case "available()I" -> new CallAbove(target, "polledAbove", CallAbove.NOTHING_MORE);
                default -> null;
            };
        }
    }

    /** {@code SocketReaperHook.METHOD(result, socket.isOutputShutdown() [, ALL], socket)} before every return of an int. */
    private static final class CallAbove extends MethodVisitor {
        static final int NOTHING_MORE = Opcodes.NOP;

        private final String hookMethod;
        private final int constant;

        /** @param constant opcode that pushes one more boolean, or {@link #NOTHING_MORE} */
        CallAbove(MethodVisitor target, String hookMethod, int constant) {
            super(Opcodes.ASM9, target);
            this.hookMethod = hookMethod;
            this.constant = constant;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.IRETURN) {
                super.visitInsn(Opcodes.DUP);
                socket();
                super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, TLS_CONNECTED, "isOutputShutdown", "()Z", false);
                if (constant != NOTHING_MORE) {
                    super.visitInsn(constant);
                }
                socket();
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        WovenClass.HOOK,
                        hookMethod,
                        constant == NOTHING_MORE ? "(IZLjava/lang/Object;)V" : "(IZZLjava/lang/Object;)V",
                        false);
            }
            super.visitInsn(opcode);
        }

        private void socket() {
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitFieldInsn(Opcodes.GETFIELD, TLS_INPUT, OUTER, "L" + TLS_CONNECTED + ";");
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            super.visitMaxs(maxStack + 4, maxLocals);
        }
    }

    private static final class ServerFrontMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return method.equals("implAccept(Ljava/net/Socket;)V")
                    ? new WovenClass.CallWithArgumentBeforeReturn(target, "front")
                    : null;
        }
    }
}
