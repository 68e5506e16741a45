package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * A service asks a back end for prices by connections of a pool. Where the back end does not know an item, the service throws, and does
 * not give the connection back. The connections stay ESTABLISHED and are never used again: {@code open} finds the line by their number.
 */
public final class PoolForgotten extends Forgotten {
    private static final long PAUSE_MILLIS = 200;

    public PoolForgotten() {
        super(
                "pool-forgotten",
                "connections are checked out of a pool and forgotten on an error path: they pile up (track=all)");
    }

    /** Connections to the back end, as many as are needed at a time. */
    private static final class Pool {
        private final InetSocketAddress backEnd;
        private final Deque<Socket> idle = new ArrayDeque<>();
        private final Set<Socket> leased = new HashSet<>();

        Pool(InetSocketAddress backEnd) {
            this.backEnd = backEnd;
        }

        Socket checkOut() throws IOException {
            var socket = idle.isEmpty() ? connect() : idle.pop();
            leased.add(socket);
            return socket;
        }

        private Socket connect() throws IOException {
            var socket = new Socket();
            socket.connect(backEnd);
            return socket;
        }

        void giveBack(Socket socket) {
            leased.remove(socket);
            idle.push(socket);
        }

        void close() throws IOException {
            for (var socket : leased) {
                socket.close();
            }
            for (var socket : idle) {
                socket.close();
            }
        }
    }

    /** Asks for prices. */
    private static final class Prices {
        private final Pool pool;

        Prices(Pool pool) {
            this.pool = pool;
        }

        String of(int item) throws IOException {
            var connection = pool.checkOut();
            OtherSide.write(connection, Integer.toString(item));
            var answer = OtherSide.reader(connection).readLine();
            if (answer.equals(OtherSide.UNKNOWN)) {
                // the bug: the connection is not given back
                throw new UnknownItemException(item);
            }
            pool.giveBack(connection);
            return answer;
        }
    }

    private static final class UnknownItemException extends IOException {
        private static final long serialVersionUID = 1L;

        UnknownItemException(int item) {
            super("unknown item " + item);
        }
    }

    @Override
    public void play(Run run) throws Exception {
        var backEnd = OtherSide.start(OtherSide.PRICES);
        run.endWith(backEnd);
        var pool = new Pool(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(backEnd.next())));
        run.keep(pool);
        run.endWith(pool::close);
        var prices = new Prices(pool);
        for (int item = 0; item < 2 * run.sockets(); item += 2) {
            if (prices.of(item).equals("costs " + item)) {
                run.replyComplete();
            } else {
                run.damaged("wrong price of item " + item);
            }
            run.opened();
            try {
                run.damaged("the back end knows item " + (item + 1) + ": " + prices.of(item + 1));
            } catch (UnknownItemException expected) {
                run.forgotten();
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }
}
