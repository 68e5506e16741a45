package io.socketreaper.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.descriptor.TcpOptions.Done;
import io.socketreaper.descriptor.TcpOptions.Option;
import io.socketreaper.model.Clock;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.ProbeMode;
import io.socketreaper.model.TcpState;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.async.AsyncStack;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.stack.nio.NioStack;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * The program of {@link PeerProbeNetworkTest}: a host of its own (a network namespace), whose peer is another one, joined by a
 * cable that can be pulled. It runs the probes against peers that stay, close, or are cut off, and prints what has come of it as
 * lines {@code NAME=VALUE}.
 */
final class ProbedNetwork {
    private static final long SECOND = 1_000_000_000L;
    private static final long PATIENCE = 60 * SECOND;
    /** How long the peer's kernel keeps what a closed socket leaves behind. More than one asking takes. */
    private static final int FIN_TIMEOUT_SECONDS = 10;

    /** For how long an open connection must be idle to be asked; shorter than an asking of suspects. */
    private static final int IDLE_SECONDS = 2;

    private static final String UNREAD = "RSET\r\n";
    private static final String PEER_HOST = """
            echo ready; read go
            echo %d > /proc/sys/net/ipv4/tcp_fin_timeout && echo 1 > /proc/sys/net/ipv6/conf/sr1/keep_addr_on_down &&
            ip link set lo up && ip addr add 192.0.2.2/24 dev sr1 && ip -6 addr add 2001:db8::2/64 dev sr1 nodad &&
            ip link set sr1 up && exec "$@"
            """.formatted(FIN_TIMEOUT_SECONDS);

    private final NioStack channels =
            new NioStack(new ProcDescriptors(Clock.SYSTEM), new Selections(Clock.SYSTEM, () -> {}));
    private final ClassicSocketStack sockets = new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM));
    private final AsyncStack asynchronous = new AsyncStack(new ProcDescriptors(Clock.SYSTEM), null);
    private final Process peer;
    private final BufferedReader peerSays;
    private final PrintStream tellPeer;
    private final int port;
    private final List<Connection> all = new ArrayList<>();
    private final PeerProbes probes = new PeerProbes(Clock.SYSTEM, ProbeMode.AUTO);
    private final IdleProbes idleProbes = new IdleProbes(Clock.SYSTEM);

    /** What an application can do with its end, whatever it is made of. */
    private interface End {
        SocketHandle handle();

        /** The count, -1 at the end. */
        int read(byte[] into) throws IOException;

        void write(byte[] bytes) throws IOException;

        void shutdownOutput() throws IOException;
    }

    private final class Connection {
        private final String name;
        private final int number;
        private final End ours;
        private Map<Option, Integer> own;
        private PeerProbe probe;

        Connection(String name, End ours) {
            this.name = name;
            this.ours = ours;
            this.number = all.size();
            all.add(this);
            ours.handle().snapshot();
        }

        Map<Option, Integer> options() {
            var options = new TreeMap<Option, Integer>();
            if (ours.handle().options(kernel -> {
                        for (Option option : Option.values()) {
                            options.put(option, kernel.get(option));
                        }
                    })
                    != Done.YES) {
                throw new AssertionError(name + ": no options");
            }
            return options;
        }

        /** The peer does something. */
        void peer(String action) throws IOException {
            ProbedNetwork.this.peer(action + " " + number);
        }

        void awaitState(TcpState state) {
            await(name + " is " + state, () -> ours.handle().snapshot().tcpState() == state);
        }
    }

    private ProbedNetwork() throws Exception {
        channels.resolve();
        channels.proven();
        sockets.resolve();
        sockets.proven();
        asynchronous.resolve();
        asynchronous.proven();
        peer = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "sh",
                        "-c",
                        PEER_HOST,
                        "sh",
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Peer.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(peer::destroyForcibly));
        peerSays = peer.inputReader();
        tellPeer = new PrintStream(peer.getOutputStream(), true);
        peerSays.readLine();
        shell(
                "ip link add sr0 type veth peer name sr1 && ip link set sr1 netns " + peer.pid()
                        + " && ip addr add 192.0.2.1/24 dev sr0 && ip -6 addr add 2001:db8::1/64 dev sr0 nodad && ip link set sr0 up");
        port = Integer.parseInt(peer("go"));
    }

    private String peer(String command) throws IOException {
        tellPeer.println(command);
        String answer = peerSays.readLine();
        if (answer == null) {
            throw new IOException("the peer has died at '" + command + "'");
        }
        return answer;
    }

    private void pullCable() throws Exception {
        shell("nsenter --target " + peer.pid() + " --net ip link set sr1 down");
    }

    private void plugCable() throws Exception {
        shell("nsenter --target " + peer.pid() + " --net ip link set sr1 up");
    }

    private static void shell(String command) throws Exception {
        var process = new ProcessBuilder("sh", "-c", command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException(command);
        }
    }

    // -- Our ends

    private InetSocketAddress address(boolean six) {
        return new InetSocketAddress(six ? "2001:db8::2" : "192.0.2.2", port);
    }

    private End channel(boolean six) throws IOException {
        SocketChannel channel = SocketChannel.open(address(six));
        SocketHandle handle = channels.handle(channel);
        return new End() {
            @Override
            public SocketHandle handle() {
                return handle;
            }

            @Override
            public int read(byte[] into) throws IOException {
                return channel.read(ByteBuffer.wrap(into));
            }

            @Override
            public void write(byte[] bytes) throws IOException {
                channel.write(ByteBuffer.wrap(bytes));
            }

            @Override
            public void shutdownOutput() throws IOException {
                channel.shutdownOutput();
            }
        };
    }

    private End socket(boolean six) throws IOException {
        var socket = new Socket();
        socket.connect(address(six));
        SocketHandle handle = sockets.handle(sockets.implementationOf(socket));
        return new End() {
            @Override
            public SocketHandle handle() {
                return handle;
            }

            @Override
            public int read(byte[] into) throws IOException {
                return socket.getInputStream().read(into);
            }

            @Override
            public void write(byte[] bytes) throws IOException {
                socket.getOutputStream().write(bytes);
            }

            @Override
            public void shutdownOutput() throws IOException {
                socket.shutdownOutput();
            }
        };
    }

    private End async(boolean six) throws Exception {
        AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
        channel.connect(address(six)).get(10, TimeUnit.SECONDS);
        SocketHandle handle = asynchronous.handle(channel);
        return new End() {
            @Override
            public SocketHandle handle() {
                return handle;
            }

            @Override
            public int read(byte[] into) throws IOException {
                try {
                    return channel.read(ByteBuffer.wrap(into)).get(10, TimeUnit.SECONDS);
                } catch (ExecutionException failed) {
                    throw (IOException) failed.getCause();
                } catch (InterruptedException | TimeoutException never) {
                    throw new AssertionError(never);
                }
            }

            @Override
            public void write(byte[] bytes) throws IOException {
                try {
                    channel.write(ByteBuffer.wrap(bytes)).get(10, TimeUnit.SECONDS);
                } catch (ExecutionException failed) {
                    throw (IOException) failed.getCause();
                } catch (InterruptedException | TimeoutException never) {
                    throw new AssertionError(never);
                }
            }

            @Override
            public void shutdownOutput() throws IOException {
                channel.shutdownOutput();
            }
        };
    }

    // -- The probes

    /** Asks all of them once, as the reaper thread does; returns the answers. */
    private Map<Connection, PeerAnswer> ask(List<Connection> connections) throws InterruptedException {
        var answers = new LinkedHashMap<Connection, PeerAnswer>();
        for (Connection connection : connections) {
            connection.probe = probes.ask(connection.probe, connection.ours.handle(), true);
        }
        do {
            TimeUnit.NANOSECONDS.sleep(Math.min(probes.nanosToNext(), SECOND) + 1_000_000);
            probes.tick();
        } while (probes.asking() > 0);
        for (Connection connection : connections) {
            answers.put(connection, connection.probe.answer());
            probes.forget(connection.probe);
        }
        return answers;
    }

    /** Asks all of them once, as connections that are open and idle; returns the answers. */
    private Map<Connection, PeerAnswer> askIdle(List<Connection> connections) throws InterruptedException {
        var answers = new LinkedHashMap<Connection, PeerAnswer>();
        for (Connection connection : connections) {
            idleProbes.ask(
                    connection.ours.handle(), IDLE_SECONDS, (answer, unanswered) -> answers.put(connection, answer));
        }
        while (answers.size() < connections.size()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(idleProbes.nanosToNext(), SECOND) + 1_000_000);
            idleProbes.tick();
        }
        return answers;
    }

    /** Sends probes until so many are unanswered, and leaves the connection without keepalive. */
    private static void exhaust(Connection connection, int unanswered) throws InterruptedException {
        SocketHandle handle = connection.ours.handle();
        arm(connection);
        while (unanswered(connection) < unanswered) {
            handle.options(kernel -> kernel.set(Option.IDLE, 1));
            TimeUnit.MILLISECONDS.sleep(5);
        }
        handle.options(kernel -> {
            kernel.set(Option.KEEPALIVE, 0);
            for (Option option : List.of(Option.IDLE, Option.INTERVAL, Option.COUNT)) {
                kernel.set(option, connection.own.get(option));
            }
        });
    }

    /** As the first step of an asking. */
    private static void arm(Connection connection) {
        connection.ours.handle().options(kernel -> {
            kernel.set(Option.COUNT, KeepaliveProbe.OUR_COUNT);
            kernel.set(Option.INTERVAL, KeepaliveProbe.OUR_INTERVAL);
            kernel.set(Option.KEEPALIVE, 1);
            kernel.set(Option.IDLE, KeepaliveProbe.OUR_IDLE);
        });
    }

    private static int unanswered(Connection connection) {
        var count = new int[1];
        connection.ours.handle().options(kernel -> count[0] = kernel.info() >>> 24);
        return count[0];
    }

    private static void say(String name, Object value) {
        System.out.println(name + "=" + (value instanceof PeerAnswer answer ? answer.name() : value));
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not in time: " + what);
            }
            Thread.onSpinWait();
        }
    }

    /** Frames and bytes that our interface has sent and received: what has gone over the wire. */
    private static long[] wire() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/net/dev"))) {
            if (line.trim().startsWith("sr0:")) {
                String[] words = line.substring(line.indexOf(':') + 1).trim().split(" +");
                return new long[] {
                    Long.parseLong(words[9]),
                    Long.parseLong(words[8]),
                    Long.parseLong(words[1]),
                    Long.parseLong(words[0])
                };
            }
        }
        throw new IOException("no sr0");
    }

    private void run() throws Exception {
        var closing = new ArrayList<Connection>();
        var staying = new ArrayList<Connection>();
        for (boolean six : new boolean[] {false, true}) {
            String version = six ? "6" : "4";
            for (var ends : List.of(staying, closing)) {
                String what = ends == staying ? "staying" : "closing";
                ends.add(new Connection(what + "-channel-" + version, channel(six)));
                ends.add(new Connection(what + "-socket-" + version, socket(six)));
                ends.add(new Connection(what + "-async-" + version, async(six)));
            }
        }
        var open = new Connection("half-closed-by-us", channel(false));
        open.ours.shutdownOutput();
        staying.add(open);
        var withKeepalive = new Connection("with-keepalive", channel(true));
        if (withKeepalive.ours.handle().options(kernel -> {
                    kernel.set(Option.KEEPALIVE, 1);
                    kernel.set(Option.IDLE, 3_000);
                    kernel.set(Option.INTERVAL, 7);
                    kernel.set(Option.COUNT, 2);
                })
                != Done.YES) {
            throw new AssertionError("its options");
        }
        staying.add(withKeepalive);
        var idle = List.of(
                new Connection("idle-channel", channel(false)),
                new Connection("idle-socket", socket(true)),
                new Connection("idle-async", async(false)));
        var vanishing = List.of(
                new Connection("vanished-channel", channel(true)),
                new Connection("vanished-socket", socket(false)),
                new Connection("vanished-async", async(true)));
        var idleWithKeepalive = new Connection("idle-with-keepalive", channel(false));
        idleWithKeepalive.ours.handle().options(kernel -> kernel.set(Option.KEEPALIVE, 1));
        var exhausted = new Connection("exhausted", channel(false));
        var leftAlone = new Connection("left-alone", channel(true));
        var dyingHalfClosed = new Connection("dying-half-closed", channel(true));
        dyingHalfClosed.ours.shutdownOutput();
        var dying = List.of(
                dyingHalfClosed,
                new Connection("dying-channel", channel(false)),
                new Connection("dying-socket", socket(true)),
                new Connection("dying-async", async(false)));

        for (Connection each : all) {
            each.peer("say");
            await(
                    each.name + " has unread bytes",
                    () -> each.ours.handle().snapshot().unreadBytes() == UNREAD.length());
        }
        for (Connection each : staying) {
            if (each != open) {
                each.peer("half-close");
                each.awaitState(TcpState.CLOSE_WAIT);
            }
        }
        open.awaitState(TcpState.FIN_WAIT2);
        dyingHalfClosed.awaitState(TcpState.FIN_WAIT2);
        all.forEach(each -> each.own = each.options());
        Thread.sleep(1_000);

        // Every kind of peer that is there, and what it costs.
        long[] before = wire();
        ask(staying).forEach((each, answer) -> say(each.name, answer));
        long[] after = wire();
        say("sockets", staying.size());
        say("frames-sent", after[0] - before[0]);
        say("bytes-sent", after[1] - before[1]);
        say("frames-received", after[2] - before[2]);
        say("bytes-received", after[3] - before[3]);

        before = wire();
        askIdle(idle).forEach((each, answer) -> say(each.name, answer));
        after = wire();
        say("idle-sockets", idle.size());
        say("idle-frames-sent", after[0] - before[0]);
        say("idle-frames-received", after[2] - before[2]);
        askIdle(vanishing).forEach((each, answer) -> say(each.name + "-before", answer));
        askIdle(List.of(idleWithKeepalive)).forEach((each, answer) -> say(each.name, answer));
        sayChangedOptions("after-idle");

        for (Connection each : closing) {
            each.peer("close");
            each.awaitState(TcpState.CLOSE_WAIT);
        }
        ask(closing).forEach((each, answer) -> say(each.name + "-at-first", answer));
        sayChangedOptions("after-answers");
        Map<Connection, PeerAnswer> answers;
        do {
            answers = ask(closing);
        } while (answers.containsValue(PeerAnswer.ANSWERS));
        answers.forEach((each, answer) -> say(each.name + "-later", answer));
        for (Connection each : closing) {
            sayWhatTheApplicationMeets(each);
        }

        // The cable is pulled, and some of the peers die meanwhile.
        pullCable();
        arm(leftAlone);
        askIdle(idle).forEach((each, answer) -> say(each.name + "-cut-off", answer));
        ask(staying).forEach((each, answer) -> say(each.name + "-cut-off", answer));
        ask(staying).forEach((each, answer) -> say(each.name + "-cut-off-again", answer));
        say("left-alone-unanswered", unanswered(leftAlone));
        exhaust(exhausted, KeepaliveProbe.MOST_UNANSWERED);
        int unanswered = unanswered(exhausted);
        ask(List.of(exhausted)).forEach((each, answer) -> say(each.name + "-when-exhausted", answer));
        say("exhausted-sent", unanswered(exhausted) - unanswered);
        say("with-keepalive-count-cut-off", withKeepalive.options().get(Option.COUNT));
        for (Connection each : dying) {
            each.peer("abort");
        }
        for (Connection each : vanishing) {
            each.peer("abort");
        }
        plugCable();
        await("the cable is in again", ProbedNetwork::cableIsIn);
        ask(dying).forEach((each, answer) -> say(each.name, answer));
        for (Connection each : dying) {
            sayWhatTheApplicationMeets(each);
        }
        askIdle(vanishing).forEach((each, answer) -> say(each.name, answer));
        for (Connection each : vanishing) {
            sayWhatTheApplicationMeets(each);
        }
        askIdle(idle).forEach((each, answer) -> say(each.name + "-back", answer));
        for (Connection each : idle) {
            say(each.name + "-has-read", each.ours.read(new byte[100]));
            each.ours.write("after".getBytes(US_ASCII));
            say(each.name + "-peer-has-read", peer("read " + each.number));
        }
        ask(staying).forEach((each, answer) -> say(each.name + "-back", answer));
        for (Connection each : staying) {
            say(each.name + "-reads", each.ours.read(new byte[100]));
            if (each != open) {
                each.ours.write("after".getBytes(US_ASCII));
                say(each.name + "-peer-got", peer("read " + each.number));
            }
        }
        exhausted.ours.write("after".getBytes(US_ASCII));
        await("answered", () -> unanswered(exhausted) == 0);
        ask(List.of(exhausted)).forEach((each, answer) -> say(each.name + "-after-traffic", answer));
        probes.endAll();
        leftAlone
                .ours
                .handle()
                .options(kernel -> leftAlone.own.forEach((option, value) -> {
                    try {
                        kernel.set(option, value);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
        sayChangedOptions("at-the-end");
    }

    private static boolean cableIsIn() {
        try {
            return Files.readString(Path.of("/proc/self/net/if_inet6")).contains("sr0")
                    && new ProcessBuilder("ip", "-br", "link", "show", "sr0")
                            .start()
                            .inputReader()
                            .readLine()
                            .contains("LOWER_UP");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void sayChangedOptions(String when) {
        for (Connection each : all) {
            var now = each.options();
            if (!now.equals(each.own)) {
                say("changed-" + when, each.name + " from " + each.own + " to " + now);
            }
        }
    }

    /** The unread bytes, then what the next reads and writes do. */
    private static void sayWhatTheApplicationMeets(Connection each) throws IOException {
        var bytes = new byte[100];
        var story = new StringBuilder();
        story.append(each.ours.read(bytes)).append(' ');
        for (int i = 0; i < 2; i++) {
            try {
                int count = each.ours.read(bytes);
                story.append("read ").append(count).append(' ');
            } catch (SocketException e) {
                story.append("read ")
                        .append(e.getClass().getSimpleName())
                        .append(' ')
                        .append(e.getMessage())
                        .append(' ');
            } catch (IOException e) {
                story.append("read IOException ").append(e.getMessage()).append(' ');
            }
        }
        try {
            each.ours.write(bytes);
            story.append("written");
        } catch (ClosedChannelException e) {
            story.append("write ClosedChannelException");
        } catch (SocketException e) {
            story.append("write SocketException ").append(e.getMessage());
        } catch (IOException e) {
            story.append("write IOException ").append(e.getMessage());
        }
        say(each.name + "-meets", story);
    }

    public static void main(String[] none) throws Exception {
        new ProbedNetwork().run();
        say("done", true);
        System.exit(0);
    }

    /** The other host. */
    static final class Peer {
        private Peer() {}

        public static void main(String[] none) throws Exception {
            var server = new ServerSocket(0, 100);
            System.out.println(server.getLocalPort());
            var accepted = new ArrayList<Socket>();
            var commands = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] words = line.split(" ");
                int number = Integer.parseInt(words[1]);
                while (accepted.size() <= number) {
                    accepted.add(server.accept());
                }
                Socket socket = accepted.get(number);
                String answer = "done";
                switch (words[0]) {
                    case "say" -> socket.getOutputStream().write(UNREAD.getBytes(US_ASCII));
                    case "half-close" -> socket.shutdownOutput();
                    case "close" -> socket.close();
                    case "abort" -> {
                        socket.setSoLinger(true, 0);
                        socket.close();
                    }
                    case "read" -> {
                        socket.setSoTimeout(10_000);
                        answer = new String(socket.getInputStream().readNBytes(5), US_ASCII);
                    }
                    default -> throw new IOException(line);
                }
                System.out.println(answer);
            }
        }
    }
}
