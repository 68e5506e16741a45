package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A service makes an HTTP client for each request and keeps it by the name of the customer. The connections end, and each client keeps a
 * selector and its thread. No single one is proven to be a leak: {@code open} finds the line by their number.
 */
public final class HttpClientPerRequest extends Forgotten {
    private static final String BODY = "sunny";
    private static final long PAUSE_MILLIS = 300;

    public HttpClientPerRequest() {
        super(
                "http-client-per-request",
                "an HTTP client is made for each request and kept: selectors pile up (track=all)");
    }

    /** Asks for the weather. */
    private static final class Weather {
        private static final Map<Integer, HttpClient> clients = new ConcurrentHashMap<>();
        private final URI uri;

        Weather(URI uri) {
            this.uri = uri;
        }

        String ask(int customer) throws IOException, InterruptedException {
            var client = newClient(customer);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }

        private static HttpClient newClient(int customer) {
            var client = HttpClient.newHttpClient();
            clients.put(customer, client);
            return client;
        }
    }

    @Override
    public void play(Run run) throws Exception {
        try (var listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            var server = new Thread(() -> serve(run, listener), "weather-server");
            server.setDaemon(true);
            server.start();
            var weather = new Weather(URI.create("http://"
                    + InetAddress.getLoopbackAddress().getHostAddress() + ":" + listener.getLocalPort() + "/"));
            run.endWith(Weather.clients::clear);
            for (int i = 0; i < run.sockets(); i++) {
                String said = weather.ask(i);
                run.opened();
                run.forgotten();
                if (said.equals(BODY)) {
                    run.replyComplete();
                } else {
                    run.damaged("client: the answer is " + said);
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    /** One connection after the other, closed after its answer. */
    private static void serve(Run run, ServerSocket listener) {
        try {
            while (true) {
                try (var socket = listener.accept()) {
                    var in = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                    String line = in.readLine();
                    while (line != null && !line.isEmpty()) {
                        line = in.readLine();
                    }
                    socket.getOutputStream()
                            .write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + BODY.length()
                                            + "\r\n\r\n" + BODY)
                                    .getBytes(StandardCharsets.US_ASCII));
                }
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                run.damaged("server: " + e);
            }
        }
    }
}
