package io.socketreaper.stack.classic;

import static io.socketreaper.stack.HookCall.OUTPUT_CLOSED;

import io.socketreaper.stack.HookCall;
import io.socketreaper.stack.HookTable;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.WovenClass;
import io.socketreaper.stack.WovenMethod;
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
 * void shutdownOutput() { ...; SocketReaperHook.heldThrough(this); }
 *
 * // with track=all, called by accept() of java.net.ServerSocket: a call that began before the agent came runs its old code to the
 * // end, and comes here all the same
 * void postAccept() or setConnected() or setConnectedImpl(SocketImpl) { ...; SocketReaperHook.accepted(this); }
 *
 * // sun.security.ssl.BaseSSLSocketImpl, the same for TLS; an SSLSocket that leaves the socket below to the application
 * // (autoClose == false) sends close_notify but no FIN and never gets here
 * void shutdownOutput() { ...; SocketReaperHook.heldThrough(this); }
 *
 * // sun.security.ssl.SSLSocketImpl.AppInputStream, which reads what TLS has decrypted
 * int read(byte[], int, int) { ...; SocketReaperHook.returnedAbove(n, socket.isOutputShutdown(), false [or true], socket); return n; }
 * int available() { ...; SocketReaperHook.polledAbove(n, readLock.isHeldByCurrentThread(), socket.isOutputShutdown(), socket); return n; }
 *
 * // with track=all also sun.security.ssl.SSLSocketImpl
 * void doneConnect()    { ...; SocketReaperHook.heldThrough(this); }
 * }</pre>
 *
 * The code in brackets is woven with {@code track=all} only. The sockets of a channel's adaptor go through the channel.
 */
final class ClassicSocketWeaving extends StackWeaving {
    private static final String IMPLEMENTATION = "sun/nio/ch/NioSocketImpl";
    private static final String SOCKET = "java/net/Socket";
    private static final String SERVER_SOCKET = "java/net/ServerSocket";
    private static final String TLS_BASE = "sun/security/ssl/BaseSSLSocketImpl";
    private static final String TLS_SOCKET = "sun/security/ssl/SSLSocketImpl";
    private static final String READ_LOCK = "readLock";
    private static final String LOCK = "java/util/concurrent/locks/ReentrantLock";
    private static final String LOCK_TYPE = "L" + LOCK + ";";
    private static final String TLS_INPUT = "sun/security/ssl/SSLSocketImpl$AppInputStream";

    /** By which an inner class knows the object it belongs to. */
    private static final String OUTER = "this$0";

    private static final String TLS_SOCKET_TYPE = "L" + TLS_SOCKET + ";";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public ClassicSocketWeaving(boolean all) {
        this.all = all;
        ofJdk(IMPLEMENTATION).tellsOfUse();
        ofJdk(SOCKET);
        ofJdk(TLS_BASE);
        ofJdk(TLS_INPUT);
        if (all) {
            ofJdk(SERVER_SOCKET);
            ofJdk(TLS_SOCKET);
        }
    }

    @Override
    protected void describe(WovenClass woven, HookTable table) {
        switch (woven.name()) {
            case IMPLEMENTATION -> describeImplementation(table);
            case SOCKET -> {
                table.method("shutdownOutput()V", HookCall.beforeReturn("heldThrough"));
                if (all) {
                    table.method("connect(Ljava/net/SocketAddress;I)V", HookCall.beforeReturn("heldThrough"))
                            // the first on JDK 17, the others on JDK 25
                            .methodIfThere("postAccept()V", HookCall.beforeReturn("accepted"))
                            .methodIfThere(
                                    "setConnectedImpl(Ljava/net/SocketImpl;)V", HookCall.beforeReturn("accepted"))
                            .methodIfThere("setConnected()V", HookCall.beforeReturn("accepted"));
                }
            }
            case SERVER_SOCKET ->
                table.method("implAccept(Ljava/net/Socket;)V", HookCall.withArgumentBeforeReturn("heldThrough"));
            case TLS_BASE -> table.method("shutdownOutput()V", HookCall.beforeReturn("heldThrough"));
            case TLS_SOCKET -> table.method("doneConnect()V", HookCall.beforeReturn("heldThrough"));
            default -> {
                // One read of TLS may need several below, or none.
                if (table.hasField(OUTER, TLS_SOCKET_TYPE)) {
                    table.methodIfThere("read([BII)I", new ReturnedAbove(all))
                            .methodIfThere("available()I", new PolledAbove(table.hasField(READ_LOCK, LOCK_TYPE)));
                }
            }
        }
    }

    private void describeImplementation(HookTable table) {
        table.field(OUTPUT_CLOSED, "Z")
                .method("shutdownOutput()V", HookCall.beforeReturn("halfClosed"))
                .method(
                        "endRead(Z)V",
                        HookCall.whenHalfClosedOrAll(OUTPUT_CLOSED, all, "read").with(1))
                .method("close()V", HookCall.whenHalfClosed(OUTPUT_CLOSED, "closed"))
                .methodIfThere("read([BII)I", HookCall.returned(all ? null : OUTPUT_CLOSED))
                .methodIfThere("available()I", HookCall.whenHalfClosedOrAll(OUTPUT_CLOSED, all, "polledInput"));
        if (all) {
            table.method("create(Z)V", HookCall.beforeReturn("opened"))
                    .method("accept(Ljava/net/SocketImpl;)V", HookCall.withArgumentBeforeReturn("opened"))
                    .method("endWrite(Z)V", HookCall.whenFlag("traffic", "wrote"))
                    .method("tryClose()Z", HookCall.released());
        }
        table.method("accept(Ljava/net/SocketImpl;)V", HookCall.onFailure());
    }

    /** {@code SocketReaperHook.returnedAbove(count, socket.isOutputShutdown(), ALL, socket)} before every return of an int. */
    private static final class ReturnedAbove extends HookCall {
        private final boolean all;

        ReturnedAbove(boolean all) {
            super(4);
            this.all = all;
        }

        @Override
        protected void beforeReturn(WovenMethod method, int opcode) {
            isHalfClosed(method.instruction(Opcodes.DUP)).constant(all);
            tlsSocket(method).hook("returnedAbove", "(IZZLjava/lang/Object;)V");
        }
    }

    /** {@code SocketReaperHook.polledAbove(count, READING, socket.isOutputShutdown(), socket)} before every return of an int. */
    private static final class PolledAbove extends HookCall {
        private final boolean hasReadLock;

        /** @param hasReadLock whether a read holds its lock while it asks; if not, each call may be one of a read */
        PolledAbove(boolean hasReadLock) {
            super(5);
            this.hasReadLock = hasReadLock;
        }

        @Override
        protected void beforeReturn(WovenMethod method, int opcode) {
            method.instruction(Opcodes.DUP);
            if (hasReadLock) {
                method.field(READ_LOCK, LOCK_TYPE).invoke(LOCK, "isHeldByCurrentThread", "()Z");
            } else {
                method.constant(true);
            }
            isHalfClosed(method);
            tlsSocket(method).hook("polledAbove", "(IZZLjava/lang/Object;)V");
        }
    }

    private static WovenMethod isHalfClosed(WovenMethod method) {
        return tlsSocket(method).invoke(TLS_SOCKET, "isOutputShutdown", "()Z");
    }

    private static WovenMethod tlsSocket(WovenMethod method) {
        return method.field(OUTER, TLS_SOCKET_TYPE);
    }
}
