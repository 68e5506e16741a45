import io.netty.channel.socket.SocketChannel;
import io.socketreaper.testapp.corpus.Handlers;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.TimeUnit;

/**
 * Vert.x: handlers that pause a socket, write once and never resume it. A pause alone stops reading only once some messages wait. What a
 * handler writes is sent when it has returned, so no stack of a read or write has a frame of it.
 */
public class VertxHandlers {
    static final class Orders {
        static void answer(NetSocket socket) {
            pause(socket);
            socket.write(Handlers.EVENT);
        }
    }

    static final class Invoices {
        static void answer(NetSocket socket) {
            pause(socket);
            socket.write(Handlers.EVENT);
        }
    }

    private static void pause(NetSocket socket) {
        socket.pause();
        ((SocketChannel) ((NetSocketInternal) socket).channelHandlerContext().channel())
                .config()
                .setAutoRead(false);
    }

    public static void main(String[] arguments) throws Exception {
        var vertx =
                Vertx.builder().with(new VertxOptions().setEventLoopPoolSize(1)).build();
        var server = vertx.createNetServer(
                        new NetServerOptions().setHost("127.0.0.1").setPort(0))
                .connectHandler(socket -> socket.handler(request -> {
                    if (request.toString().contains("/orders")) {
                        Orders.answer(socket);
                    } else {
                        Invoices.answer(socket);
                    }
                }))
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        Handlers.serve(server.actualPort());
    }
}
