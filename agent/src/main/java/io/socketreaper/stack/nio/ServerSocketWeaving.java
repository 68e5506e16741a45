package io.socketreaper.stack.nio;

import io.socketreaper.stack.HookCall;
import io.socketreaper.stack.HookTable;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.WovenClass;

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
public final class ServerSocketWeaving extends StackWeaving {
    private static final String SERVER = "sun/nio/ch/ServerSocketChannelImpl";
    private static final String NET = "sun/nio/ch/Net";
    private static final String UNIX = "sun/nio/ch/UnixDomainSockets";
    private static final String SHORTAGE = "running out of descriptors";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public ServerSocketWeaving(boolean all) {
        this.all = all;
        ofJdk(SERVER).tellsOfUse();
        ofJdk(NET).unlessUnknown(SHORTAGE);
        ofJdk(UNIX).unlessUnknown(SHORTAGE);
    }

    @Override
    protected void describe(WovenClass woven, HookTable table) {
        HookCall onFailure = HookCall.onFailure();
        switch (woven.name()) {
            case SERVER -> {
                table.method("accept()Ljava/nio/channels/SocketChannel;", onFailure)
                        .method("blockingAccept(J)Ljava/nio/channels/SocketChannel;", onFailure);
                if (all) {
                    table.method(
                                    "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;)V",
                                    HookCall.beforeReturn("opened"))
                            .method(
                                    "<init>(Ljava/nio/channels/spi/SelectorProvider;Ljava/net/ProtocolFamily;"
                                            + "Ljava/io/FileDescriptor;Z)V",
                                    HookCall.beforeReturn("opened"))
                            .method("tryClose()Z", HookCall.released());
                }
            }
            case NET ->
                table.method("socket(Ljava/net/ProtocolFamily;Z)Ljava/io/FileDescriptor;", onFailure)
                        // as in JDK 17, as in JDK 25
                        .anyMethod(
                                onFailure,
                                "serverSocket(Ljava/net/ProtocolFamily;Z)Ljava/io/FileDescriptor;",
                                "serverSocket(Ljava/net/ProtocolFamily;)Ljava/io/FileDescriptor;");
            default -> table.method("socket()Ljava/io/FileDescriptor;", onFailure);
        }
    }
}
