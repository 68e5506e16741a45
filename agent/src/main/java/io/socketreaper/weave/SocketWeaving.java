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
 * }</pre>
 *
 * A TLS socket sends close_notify instead and never gets here; the sockets of a channel's adaptor go through the channel.
 */
public final class SocketWeaving implements StackWeaving {
    private static final String IMPLEMENTATION = "sun/nio/ch/NioSocketImpl";
    private static final String FRONT = "java/net/Socket";

    @Override
    public String stack() {
        return "socket";
    }

    @Override
    public String[] classes() {
        return new String[] {IMPLEMENTATION, FRONT};
    }

    @Override
    public String mainClass() {
        return IMPLEMENTATION;
    }

    @Override
    public byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException {
        return internalName.equals(IMPLEMENTATION)
                ? WovenClass.weave(internalName, classFile, new ImplementationMethods(), 3, true)
                : WovenClass.weave(internalName, classFile, new FrontMethods(), 1, false);
    }

    private static final class ImplementationMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                case "shutdownOutput()V" -> new WovenClass.CallBeforeReturn(target, "halfClosed");
                case "endRead(Z)V" -> new WovenClass.CallWhenHalfClosed(target, IMPLEMENTATION, "read");
                case "close()V" -> new WovenClass.CallWhenHalfClosed(target, IMPLEMENTATION, "closed");
                default -> null;
            };
        }
    }

    private static final class FrontMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return method.equals("shutdownOutput()V") ? new WovenClass.CallBeforeReturn(target, "front") : null;
        }
    }
}
