package io.socketreaper.http;

import io.socketreaper.config.ListenAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.ShutdownMonitor;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * An HTTP server on one address. Whatever a client does costs a few descriptors, threads and kilobytes, and for some
 * seconds only; one request a connection, so that none is cut off by those bounds.
 */
public final class HttpOutlet implements AutoCloseable {
    /** Bytes that a request may carry. */
    public static final int BODY_LIMIT = 16 * 1024;

    private static final int HEADER_LIMIT = 8 * 1024;
    private static final int THREADS = 4;
    private static final int BACKLOG = 64;
    private static final int CONNECTIONS = 32;
    private static final long IDLE_MILLIS = 5_000;
    private static final long LIFE_MILLIS = 10_000;
    private static final long STOP_MILLIS = 1_000;
    private static final int LARGEST_BUFFER = 64 * 1024;
    private static final int BUFFERS = 1024 * 1024;

    private static final String[] WARM_UP = {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "?\r\n\r\n"};

    private final Server server;
    private final ScheduledThreadPoolExecutor scheduler;
    private final ListenAddress address;

    private HttpOutlet(Server server, ScheduledThreadPoolExecutor scheduler, ListenAddress address) {
        this.server = server;
        this.scheduler = scheduler;
        this.address = address;
    }

    /**
     * Opens an outlet, or says in the log why not; never throws for what the operator can mend.
     *
     * @param name        of the setting; also names its threads
     * @param allowRemote whether it may be reachable from other machines
     * @param provider    of its channels; the JVM's may be the application's code
     * @return null if it could not be opened
     */
    public static @Nullable HttpOutlet open(
            String name,
            ListenAddress address,
            boolean allowRemote,
            SelectorProvider provider,
            HttpHandler handler,
            Logger log) {
        if (!address.isLoopback() && !allowRemote) {
            log.error(
                    "{}={} is refused, because other machines could reach it: write a loopback address, or allow it with"
                            + " {}.allow-remote=true. The agent runs without it.",
                    name,
                    address,
                    name);
            return null;
        }
        try {
            return open(name, address, provider, handler, log, LIFE_MILLIS);
        } catch (IOException cannotListen) {
            Throwable cause = cannotListen.getCause() instanceof BindException ? cannotListen.getCause() : cannotListen;
            log.error(
                    "{}={} is off: the agent cannot listen there: {}. It runs without it.",
                    name,
                    address,
                    cause.getMessage());
        } catch (Exception | LinkageError failed) {
            log.error("{}={} is off: the HTTP server did not start. The agent runs without it.", name, address, failed);
        }
        return null;
    }

    static HttpOutlet open(
            String name,
            ListenAddress address,
            SelectorProvider provider,
            HttpHandler handler,
            Logger log,
            long lifeMillis)
            throws Exception {
        Thread current = Thread.currentThread();
        ClassLoader before = current.getContextClassLoader();
        // where the server looks for its parts; this may be a thread that an attach came on
        current.setContextClassLoader(HttpOutlet.class.getClassLoader());
        try {
            ServerLog.INSTANCE.to(log);
            return start(name, address, provider, handler, log, lifeMillis);
        } finally {
            current.setContextClassLoader(before);
        }
    }

    private static HttpOutlet start(
            String name,
            ListenAddress address,
            SelectorProvider provider,
            HttpHandler handler,
            Logger log,
            long lifeMillis)
            throws Exception {
        // The application may be a Jetty of its own, with -DSTOP.PORT meant for that.
        ShutdownMonitor.getInstance().setPort(-1);
        String threadName = "socket-reaper-http-" + name;
        var scheduler = new ScheduledThreadPoolExecutor(1, task -> new OutletThread(task, threadName + "-timer"));
        scheduler.setRemoveOnCancelPolicy(true);
        var buffers = new ArrayByteBufferPool(1024, 1024, LARGEST_BUFFER, Integer.MAX_VALUE, BUFFERS, BUFFERS);
        var server = new Server(new Threads(threadName), new ScheduledExecutorScheduler(scheduler), buffers);
        // An acceptor of its own, because it pauses when no descriptor is left; the selector would spin.
        var connector = new Connector(name, server, provider);
        connector.setHost(InetAddress.getByAddress(address.address()).getHostAddress());
        connector.setPort(address.port());
        connector.setAcceptQueueSize(BACKLOG);
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.addBean(new Connections(CONNECTIONS, lifeMillis, scheduler));
        server.addConnector(connector);
        server.setHandler(new RequestHandling(handler, log));
        server.setErrorHandler(new ErrorPages());
        server.setStopTimeout(STOP_MILLIS);
        var outlet = new HttpOutlet(server, scheduler, address);
        try {
            server.start();
        } catch (Exception | LinkageError failed) {
            outlet.close();
            throw failed;
        }
        warmUp(provider, new InetSocketAddress(connector.getHost(), connector.getLocalPort()));
        return new HttpOutlet(server, scheduler, address.withPort(connector.getLocalPort()));
    }

    /**
     * Lets it answer once, well or badly: what is loaded for the first time when the process has run out of descriptors may
     * fail to initialise, and then for good.
     */
    private static void warmUp(SelectorProvider provider, InetSocketAddress self) {
        for (String request : WARM_UP) {
            try (SocketChannel channel = provider.openSocketChannel()) {
                channel.connect(self);
                channel.write(StandardCharsets.US_ASCII.encode(request));
                ByteBuffer answer = ByteBuffer.allocate(HEADER_LIMIT);
                while (channel.read(answer.clear()) >= 0) {
                    // up to the end, which comes with the connection's
                }
            } catch (IOException notAnswered) {
                // others may have more luck
            }
        }
    }

    private static HttpConfiguration configuration() {
        var http = new HttpConfiguration();
        http.setRequestHeaderSize(HEADER_LIMIT);
        http.setPersistentConnectionsEnabled(false);
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setUriCompliance(UriCompliance.RFC3986);
        http.setUseInputDirectByteBuffers(false);
        http.setUseOutputDirectByteBuffers(false);
        return http;
    }

    /** Where it listens, with the port that was free if 0 was asked for. */
    public ListenAddress address() {
        return address;
    }

    /** Lets requests that are being answered come to their end within a second; then its threads are gone. */
    @Override
    public void close() throws Exception {
        if (Thread.currentThread() instanceof OutletThread) {
            // a thread cannot wait for its own end
            new OutletThread(this::closeQuietly, "socket-reaper-http-close").start();
            return;
        }
        try {
            server.stop();
        } catch (TimeoutException cutOff) {
            // what was still being answered; all else is stopped as usual
        } finally {
            server.destroy();
            scheduler.shutdownNow();
            scheduler.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (Exception | LinkageError notClosed) {
            ServerLog.INSTANCE.warn("the HTTP server did not end", notClosed);
        }
    }

    /** Its text is part of a thread's name. */
    private static final class Connector extends ServerConnector {
        private final String name;
        private final SelectorProvider provider;

        Connector(String name, Server server, SelectorProvider provider) {
            super(server, null, null, null, 1, 1, new HttpConnectionFactory(configuration()));
            this.name = name;
            this.provider = provider;
        }

        /** As it is done there, but for the provider. */
        @Override
        protected ServerSocketChannel openAcceptChannel() throws IOException {
            var address = new InetSocketAddress(getHost(), getPort());
            ServerSocketChannel channel = provider.openServerSocketChannel();
            try {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, getReuseAddress());
                channel.bind(address, getAcceptQueueSize());
                return channel;
            } catch (IOException | RuntimeException failed) {
                channel.close();
                throw failed;
            }
        }

        @Override
        protected SelectorManager newSelectorManager(Executor executor, Scheduler scheduler, int selectors) {
            return new ServerConnectorManager(executor, scheduler, selectors) {
                @Override
                protected Selector newSelector() throws IOException {
                    return provider.openSelector();
                }
            };
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Few, and daemons. */
    private static final class Threads extends QueuedThreadPool {
        private final AtomicInteger count = new AtomicInteger();

        Threads(String name) {
            super(THREADS, 1, (int) IDLE_MILLIS, 0, null, null);
            setName(name);
            setDaemon(true);
        }

        @Override
        public Thread newThread(Runnable task) {
            return new OutletThread(task, getName() + "-" + count.incrementAndGet());
        }
    }
}
