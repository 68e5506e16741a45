package io.socketreaper.weave;

import net.bytebuddy.jar.asm.MethodVisitor;

/**
 * The JDK's {@code java.net.Socket}, accepted and connected. In Java the woven code amounts to
 *
 * <pre>{@code
 * // sun.nio.ch.NioSocketImpl
 * void shutdownOutput() { ...; SocketReaperHook.halfClosed(this); }
 * void endRead(boolean) { if (isOutputClosed) SocketReaperHook.read(this); ... }
 * void close()          { if (isOutputClosed) SocketReaperHook.closed(this); ... }
 *
 * // java.net.Socket; so that the socket is closed as a whole, not only what lies below it
 * void shutdownOutput() { ...; SocketReaperHook.front(this); }
 *
 * // sun.security.ssl.BaseSSLSocketImpl, the same for TLS; an SSLSocket that leaves the socket below to the application
 * // (autoClose == false) sends close_notify but no FIN and never gets here
 * void shutdownOutput() { ...; SocketReaperHook.front(this); }
 *
 * // with track=all also sun.security.ssl.SSLSocketImpl
 * void doneConnect()    { ...; SocketReaperHook.front(this); }
 * }</pre>
 *
 * The sockets of a channel's adaptor go through the channel.
 */
public final class SocketWeaving implements StackWeaving {
    private static final String IMPLEMENTATION = "sun/nio/ch/NioSocketImpl";
    private static final String FRONT = "java/net/Socket";
    private static final String SERVER_FRONT = "java/net/ServerSocket";
    private static final String TLS = "sun/security/ssl/BaseSSLSocketImpl";
    private static final String TLS_CONNECTED = "sun/security/ssl/SSLSocketImpl";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public SocketWeaving(boolean all) {
        this.all = all;
    }

    @Override
    public String stack() {
        return "socket";
    }

    @Override
    public String[] classes() {
        return all ? new String[] {IMPLEMENTATION, FRONT, SERVER_FRONT, TLS, TLS_CONNECTED}
                : new String[] {IMPLEMENTATION, FRONT, TLS};
    }

    @Override
    public String mainClass() {
        return IMPLEMENTATION;
    }

    @Override
    public byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException {
        return switch (internalName) {
            case IMPLEMENTATION -> WovenClass.weave(internalName, classFile, new ImplementationMethods(), all ? 7 : 4, true);
            case FRONT -> WovenClass.weave(internalName, classFile, new FrontMethods(), all ? 2 : 1, false);
            case SERVER_FRONT -> WovenClass.weave(internalName, classFile, new ServerFrontMethods(), 1, false);
            default -> WovenClass.weave(internalName, classFile, new TlsMethods(internalName), 1, false);
        };
    }

    private final class ImplementationMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                case "shutdownOutput()V" -> new WovenClass.CallBeforeReturn(target, "halfClosed");
                case "endRead(Z)V" -> new WovenClass.CallWhen(target, IMPLEMENTATION, true, all ? "traffic" : null, "read")
                        .with(1);
                case "close()V" -> new WovenClass.CallWhen(target, IMPLEMENTATION, true, null, "closed");
                case "accept(Ljava/net/SocketImpl;)V" -> new WovenClass.CallOnFailure(
                        all ? new WovenClass.CallWithArgumentBeforeReturn(target, "opened") : target,
                        IMPLEMENTATION, "java/net/SocketImpl");
                case "create(Z)V" -> all ? new WovenClass.CallBeforeReturn(target, "opened") : null;
                case "endWrite(Z)V" -> all ? new WovenClass.CallWhen(target, IMPLEMENTATION, false, "traffic", "wrote") : null;
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
                case "connect(Ljava/net/SocketAddress;I)V" -> all ? new WovenClass.CallBeforeReturn(target, "front") : null;
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

    private static final class ServerFrontMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return method.equals("implAccept(Ljava/net/Socket;)V")
                    ? new WovenClass.CallWithArgumentBeforeReturn(target, "front") : null;
        }
    }
}
