package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A blocking server that hands every connection to a thread and never hears of it again. */
final class ThreadPerConnectionServer implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final int THREADS = 8;

    /** What the thread does before it goes on to something else. */
    interface Session {
        void serve(SocketChannel channel) throws IOException;
    }

    private final Run run;
    private final ExecutorService threads;
    private final Session session;
    private final boolean keeps;
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final InetSocketAddress address;

    static ThreadPerConnectionServer onPool(Run run, Session session) throws IOException {
        return new ThreadPerConnectionServer(run, session, pool(), true);
    }

    /** A server that keeps no reference to its connections. */
    static ThreadPerConnectionServer forgetful(Run run, Session session) throws IOException {
        return new ThreadPerConnectionServer(run, session, pool(), false);
    }

    private static ExecutorService pool() {
        return Executors.newFixedThreadPool(THREADS, task -> {
            var thread = new Thread(task, "worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** @param threads the server's own, ended with the run */
    ThreadPerConnectionServer(Run run, Session session, ExecutorService threads) throws IOException {
        this(run, session, threads, true);
    }

    private ThreadPerConnectionServer(Run run, Session session, ExecutorService threads, boolean keeps)
            throws IOException {
        this.run = run;
        this.keeps = keeps;
        this.threads = threads;
        this.session = session;
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        address = (InetSocketAddress) listener.getLocalAddress();
        var acceptor = new Thread(this::accept, "acceptor");
        acceptor.setDaemon(true);
        acceptor.start();
        run.endWith(threads::shutdownNow);
    }

    InetSocketAddress address() {
        return address;
    }

    /** Stops listening; connections stay as they are. */
    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                var channel = listener.accept();
                run.opened();
                if (keeps) {
                    run.keep(channel);
                }
                threads.execute(() -> serve(channel));
            }
        } catch (ClosedChannelException e) {
            // No longer listening.
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }

    private void serve(SocketChannel channel) {
        try {
            session.serve(channel);
            run.halfClosed();
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }
}
