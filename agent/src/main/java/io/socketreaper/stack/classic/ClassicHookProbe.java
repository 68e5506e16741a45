package io.socketreaper.stack.classic;

import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.Loopback;
import io.socketreaper.stack.SocketStack;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;
import sun.nio.ch.SocketReaperHook;

/**
 * The self-test of {@code java.net.Socket}. Its sockets come from no factory, which would be the application's.
 *
 * @param all whether {@code track=all}
 */
public record ClassicHookProbe(HookTrace trace, boolean all) implements HookProbe {
    private static final int WAIT_MILLIS = 2000;
    private static final int[] OF_HALF_CLOSED = {
        SocketReaperHook.HALF_CLOSED,
        SocketReaperHook.READ,
        SocketReaperHook.READ_NOTHING,
        SocketReaperHook.HELD_THROUGH,
        SocketReaperHook.CLOSED
    };

    private static final class Server extends ServerSocket {
        Server(SocketImpl implementation) {
            super(implementation);
        }
    }

    private static final class Client extends Socket {
        Client(SocketImpl implementation) throws SocketException {
            super(implementation);
        }
    }

    @Override
    public Result run(SocketStack stack) {
        trace.begin();
        boolean told = SocketReaperHook.traffic;
        SocketReaperHook.traffic = all;
        var sockets = (ClassicSocketStack) stack;
        try (var server = new Server(sockets.newPlatformImplementation(true))) {
            server.setSoTimeout(WAIT_MILLIS);
            server.bind(Loopback.anyPort(), 1);
            try (var client = new Client(sockets.newPlatformImplementation(false))) {
                client.connect(server.getLocalSocketAddress(), WAIT_MILLIS);
                try (Socket accepted = server.accept()) {
                    client.setSoTimeout(WAIT_MILLIS);
                    client.shutdownOutput();
                    accepted.getOutputStream().write(0);
                    client.getInputStream().read();
                    client.getInputStream().available();
                    accepted.shutdownOutput();
                    client.getInputStream().read();
                    client.close();
                }
            }
        } catch (IOException | RuntimeException noLoopback) {
            return Result.couldNotRun(noLoopback);
        } finally {
            SocketReaperHook.traffic = told;
        }
        return trace.result(
                all ? HookTrace.withAll(OF_HALF_CLOSED) : OF_HALF_CLOSED,
                SocketReaperHook.END_OF_INPUT,
                SocketReaperHook.POLLED_INPUT);
    }
}
