package io.socketreaper.stack.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A TLS connection over loopback, its handshake done: our end and the peer's. */
final class TlsPair implements AutoCloseable {
    /** How our end stands to the TCP socket below. */
    enum Layering {
        OWN,
        AUTO_CLOSE,
        KEEP,
        OVER_CHANNEL
    }

    private static final String PASSWORD = "changeit";
    private static final SSLContext CONTEXT = context();

    final SSLSocket ours;
    /** The TCP socket below ours; ours itself if it has its own. */
    final Socket below;

    final SSLSocket peer;
    /** The TCP socket below the peer's; the peer's itself if it has its own. */
    final Socket belowPeer;

    TlsPair(Layering layering, String protocol) throws Exception {
        this(layering, protocol, Layering.OWN);
    }

    /** With a peer that, with {@link Layering#KEEP}, sends its close_notify without a FIN. */
    TlsPair(Layering layering, String protocol, Layering peers) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket server = listen(layering, loopback)) {
            belowPeer = peers == Layering.OWN
                    ? CONTEXT.getSocketFactory().createSocket(loopback, server.getLocalPort())
                    : new Socket(loopback, server.getLocalPort());
            peer = peers == Layering.OWN
                    ? (SSLSocket) belowPeer
                    : (SSLSocket) CONTEXT.getSocketFactory()
                            .createSocket(belowPeer, "localhost", server.getLocalPort(), peers == Layering.AUTO_CLOSE);
            peer.setEnabledProtocols(new String[] {protocol});
            below = server.accept();
        }
        ours = layering == Layering.OWN
                ? (SSLSocket) below
                : (SSLSocket) CONTEXT.getSocketFactory().createSocket(below, null, layering != Layering.KEEP);
        ours.setUseClientMode(false);
        CompletableFuture<Void> shaken = CompletableFuture.runAsync(() -> {
            try {
                ours.startHandshake();
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        });
        peer.startHandshake();
        shaken.get(10, TimeUnit.SECONDS);
    }

    private static ServerSocket listen(Layering layering, InetAddress loopback) throws IOException {
        return switch (layering) {
            case OWN -> CONTEXT.getServerSocketFactory().createServerSocket(0, 1, loopback);
            case OVER_CHANNEL ->
                ServerSocketChannel.open()
                        .bind(new InetSocketAddress(loopback, 0))
                        .socket();
            default -> new ServerSocket(0, 1, loopback);
        };
    }

    @Override
    public void close() throws IOException {
        below.close();
        ours.close();
        try {
            belowPeer.close();
            peer.close();
        } catch (IOException reset) {
            // its own end is the last thing that anybody asks for
        }
    }

    /** A self-signed key, made by the JDK's own keytool. */
    private static SSLContext context() {
        try {
            Path directory = Files.createTempDirectory("tls");
            Path store = directory.resolve("keys");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-J-XX:TieredStopAtLevel=1",
                            "-J-XX:+UseSerialGC",
                            "-genkeypair",
                            "-alias",
                            "key",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=localhost",
                            "-keystore",
                            store.toString(),
                            "-storepass",
                            PASSWORD)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException("keytool ended with " + keytool.exitValue());
            }
            KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            Files.delete(store);
            Files.delete(directory);
            var own = KeyManagerFactory.getInstance("PKIX");
            own.init(keys, PASSWORD.toCharArray());
            var trusted = TrustManagerFactory.getInstance("PKIX");
            trusted.init(keys);
            var context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
            return context;
        } catch (Exception impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }
}
