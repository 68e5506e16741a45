package io.socketreaper.testapp.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server with one accept loop and several handlers, each of which forgets to close its connections in its own way. For each word on its
 * standard input a client sends a request to the handler of that letter and closes; the word is printed when the handler has returned.
 */
public final class TwoHandlers {
    private static final List<Socket> KEPT = new CopyOnWriteArrayList<>();

    private TwoHandlers() {}

    /** Reads a request to its end. */
    private static final class Orders {
        private Orders() {}

        static void handle(Socket socket) throws IOException {
            socket.getInputStream().readAllBytes();
        }
    }

    /** The same. */
    private static final class Invoices {
        private Invoices() {}

        static void handle(Socket socket) throws IOException {
            while (socket.getInputStream().read() >= 0) {
                // to the end
            }
        }
    }

    /** Answers and does not read on. */
    private static final class Prices {
        private Prices() {}

        static void answer(Socket socket) throws IOException {
            socket.getOutputStream().write('!');
        }
    }

    public static void main(String[] arguments) throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(2, task -> {
            var thread = new Thread(task, "worker");
            thread.setDaemon(true);
            return thread;
        });
        try (var listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
                var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            var acceptor = new Thread(() -> accept(listener, workers), "acceptor");
            acceptor.setDaemon(true);
            acceptor.start();
            for (var word = in.readLine(); word != null && !word.equals("end"); word = in.readLine()) {
                request(listener, word);
            }
        }
    }

    private static void request(ServerSocket listener, String word) throws IOException {
        try (var client = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            client.getOutputStream().write(word.charAt(0));
            if (word.startsWith("prices")) {
                client.getInputStream().read();
            }
        }
    }

    private static void accept(ServerSocket listener, ExecutorService workers) {
        try {
            while (true) {
                Socket socket = listener.accept();
                KEPT.add(socket);
                workers.execute(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the program ends
        }
    }

    private static void serve(Socket socket) {
        try {
            int request = socket.getInputStream().read();
            switch (request) {
                case 'o' -> Orders.handle(socket);
                case 'i' -> Invoices.handle(socket);
                default -> Prices.answer(socket);
            }
            System.out.println("handled " + (char) request);
        } catch (IOException e) {
            System.out.println("failed: " + e);
        }
    }
}
