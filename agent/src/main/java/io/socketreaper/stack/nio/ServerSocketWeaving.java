package io.socketreaper.stack.nio;

import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.UnknownInternalsException;
import io.socketreaper.stack.WovenClass;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * The JDK's {@code ServerSocketChannel}, and the places where every socket of the JDK is made, be it a server's or not. In Java
 * the woven code amounts to
 *
 * <pre>{@code
 * // ServerSocketChannelImpl.accept() and blockingAccept(long), Net.socket(ProtocolFamily, boolean),
 * // Net.serverSocket(ProtocolFamily), UnixDomainSockets.socket()
 * try { ... } catch (IOException e) { SocketReaperHook.failed(e); throw e; }
 *
 * // with track=all, ServerSocketChannelImpl
 * ServerSocketChannelImpl(...) { ...; SocketReaperHook.opened(this); }
 * boolean tryClose()           { ...; SocketReaperHook.released(result, this); return result; }
 * }</pre>
 */
public final class ServerSocketWeaving implements StackWeaving {
    private static final String SERVER = "sun/nio/ch/ServerSocketChannelImpl";
    private static final String NET = "sun/nio/ch/Net";
    private static final String UNIX = "sun/nio/ch/UnixDomainSockets";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public ServerSocketWeaving(boolean all) {
        this.all = all;
    }

    @Override
    public String stack() {
        return "server";
    }

    @Override
    public String[] classes() {
        return new String[] {SERVER, NET, UNIX};
    }

    @Override
    public String mainClass() {
        return SERVER;
    }

    @Override
    public boolean canDoWithout(String internalName) {
        return !internalName.equals(SERVER);
    }

    @Override
    public byte[] weave(String internalName, byte[] classFile) throws UnknownInternalsException {
        return switch (internalName) {
            case SERVER -> WovenClass.weave(internalName, classFile, new ServerMethods(), all ? 5 : 2, false);
            case NET -> WovenClass.weave(internalName, classFile, new NetMethods(), 2, false);
            default -> WovenClass.weave(internalName, classFile, new UnixMethods(), 1, false);
        };
    }

    private final class ServerMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                case "accept()Ljava/nio/channels/SocketChannel;" -> new WovenClass.CallOnFailure(target, SERVER);
                case "blockingAccept(J)Ljava/nio/channels/SocketChannel;" ->
                    new WovenClass.CallOnFailure(target, SERVER, Opcodes.LONG);
                case "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;)V",
                        "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;Ljava/io/FileDescriptor;Z)V" ->
                    all ? new WovenClass.CallBeforeReturn(target, "opened") : null;
                case "tryClose()Z" -> all ? new WovenClass.CallWithResult(target) : null;
                default -> null;
            };
        }
    }

    private static final class NetMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return switch (method) {
                // the second one as in JDK 17, the third as in JDK 25
                case "socket(Ljava/net/ProtocolFamily;Z)Ljava/io/FileDescriptor;",
                        "serverSocket(Ljava/net/ProtocolFamily;Z)Ljava/io/FileDescriptor;" ->
                    new WovenClass.CallOnFailure(target, "java/net/ProtocolFamily", Opcodes.INTEGER);
                case "serverSocket(Ljava/net/ProtocolFamily;)Ljava/io/FileDescriptor;" ->
                    new WovenClass.CallOnFailure(target, "java/net/ProtocolFamily");
                default -> null;
            };
        }
    }

    private static final class UnixMethods implements WovenClass.Methods {
        @Override
        public MethodVisitor weave(String method, MethodVisitor target) {
            return method.equals("socket()Ljava/io/FileDescriptor;") ? new WovenClass.CallOnFailure(target) : null;
        }
    }
}
