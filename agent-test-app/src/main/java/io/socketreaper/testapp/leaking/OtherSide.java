package io.socketreaper.testapp.leaking;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The other ends of an application's connections, in a JVM of its own: in the application's JVM they would pile up beside the leaks.
 * It ends when its standard input does, so it does not outlive the application.
 */
final class OtherSide implements Closeable {
    /** A server of prices: knows every item whose number is even. */
    static final String PRICES = "prices";

    static final String UNKNOWN = "unknown item";

    /** Clients, one after the other, that stay connected: {@code PORT COUNT PAUSE_MILLIS}. */
    static final String GUESTS = "guests";

    static final String WELCOME = "welcome";

    private final Process process;
    private final BufferedReader said;

    private OtherSide(Process process) {
        this.process = process;
        this.said = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Started; {@link #next} tells what it has to say. */
    static OtherSide start(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                OtherSide.class.getName()));
        command.addAll(List.of(arguments));
        return new OtherSide(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits for its next line; null when it has ended. */
    String next() throws IOException {
        return said.readLine();
    }

    @Override
    public void close() {
        process.destroy();
    }

    // -- In the other JVM

    private static final List<Socket> guests = new ArrayList<>();

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** @param arguments {@value #PRICES}, or {@value #GUESTS} with its numbers */
    public static void main(String[] arguments) throws IOException {
        start(
                "work",
                arguments[0].equals(PRICES)
                        ? () -> sell(System.out)
                        : () -> visit(
                                Integer.parseInt(arguments[1]),
                                Integer.parseInt(arguments[2]),
                                Long.parseLong(arguments[3]),
                                System.out));
        System.in.transferTo(OutputStream.nullOutputStream());
    }

    private static void start(String name, Work work) {
        var thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException e) {
                        System.err.println(name + ": " + e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void sell(PrintStream out) throws IOException {
        try (var listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress())) {
            out.println(listener.getLocalPort());
            while (true) {
                var socket = listener.accept();
                start("seller", () -> answer(socket));
            }
        }
    }

    private static void answer(Socket socket) throws IOException {
        try (socket) {
            var in = reader(socket);
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                int item = Integer.parseInt(line);
                write(socket, item % 2 == 0 ? "costs " + item : UNKNOWN);
            }
        }
    }

    private static void visit(int port, int count, long pauseMillis, PrintStream out)
            throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            var socket = new Socket(InetAddress.getLoopbackAddress(), port);
            guests.add(socket);
            write(socket, "guest " + i);
            out.println(reader(socket).readLine());
            Thread.sleep(pauseMillis);
        }
    }

    static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    static void write(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}
