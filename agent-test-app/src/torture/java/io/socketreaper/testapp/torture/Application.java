package io.socketreaper.testapp.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.JMException;

/** The application's side of all connections: a JVM of its own under the agent, which is told what to do on standard input. */
final class Application {
    private final long seed;
    private final Conditions conditions;
    private final InetSocketAddress peers;
    private final UnixDomainSocketAddress unixPeers;
    private final Lateness lateness = new Lateness();
    private final AtomicInteger playing = new AtomicInteger();
    private final ConnectionFactory connections;
    private final LeakTracker leaks;

    /** Words of the lines on standard output, which the other JVM reads. */
    enum Word {
        LISTENING,
        RESULT,
        OVER,
        LEAVING,
        TROUBLE,
        FIGURES,
        ENDED
    }

    private Application(long seed, Conditions conditions, Path directory, int port) throws Exception {
        this.seed = seed;
        this.conditions = conditions;
        peers = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        unixPeers = UnixDomainSocketAddress.of(directory.resolve("peers"));
        connections = new ConnectionFactory(directory.resolve("keys"));
        leaks = new LeakTracker(conditions);
    }

    /** Arguments: seed, conditions, directory of the run, port of the peers, port of the canaries' echo. */
    public static void main(String[] args) throws Exception {
        var directory = Path.of(args[2]);
        var application =
                new Application(Long.parseLong(args[0]), Conditions.of(args[1]), directory, Integer.parseInt(args[3]));
        new Acceptors(application.connections, application::accepted).open(directory);
        var health = new ResourceCheck();
        try (var canaries = new Canaries(Integer.parseInt(args[4]))) {
            application.obey(health, canaries);
        }
        System.exit(0);
    }

    static synchronized void say(Word word, String text) {
        System.out.println(word + "\t" + text);
        System.out.flush();
    }

    private void obey(ResourceCheck health, Canaries canaries) throws Exception {
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = commands.readLine(); line != null; line = commands.readLine()) {
            var words = line.split(" ");
            switch (words[0]) {
                case "connect" -> connect(Integer.parseInt(words[1]));
                case "dump" -> ResourceCheck.dump();
                case "close" -> leaks.close(Integer.parseInt(words[1]));
                case "end" -> start("end", () -> end(health, canaries));
                default -> throw new IllegalArgumentException(line);
            }
        }
    }

    private void end(ResourceCheck health, Canaries canaries) {
        try {
            leaks.awaitRelease();
            canaries.close();
            leaks.closeAll();
            health.judge(leaks, playing.get(), canaries.echoes());
        } catch (IOException | JMException e) {
            say(Word.TROUBLE, "the end was not seen: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        say(Word.ENDED, "");
    }

    private void connect(int number) {
        var plan = Plan.of(seed, number, conditions);
        long since = System.nanoTime();
        start(number, () -> play(plan, since, connections.connect(plan, new Header(number, false), peers, unixPeers)));
    }

    /** A peer has connected to this listener and sent its header. */
    private void accepted(int number, long since, Acceptors.Opening opening) {
        var plan = Plan.of(seed, number, conditions);
        start(number, () -> play(plan, since, opening.open(plan)));
    }

    private interface Story {
        SideResult play() throws IOException;
    }

    private void start(int number, Story story) {
        playing.incrementAndGet();
        start("connection " + number, () -> {
            try {
                say(Word.RESULT, story.play().line());
            } catch (IOException | RuntimeException e) {
                say(
                        Word.RESULT,
                        new SideResult(number, "app", SideResult.Kind.FAILED, false, 0, 0, 0, "could not open: " + e)
                                .line());
            } finally {
                playing.decrementAndGet();
            }
        });
    }

    private static void start(String name, Runnable task) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private SideResult play(Plan plan, long since, TestSocket line) throws IOException {
        var idle = new IdleMeter(conditions, plan.stack().isUnix(), since, lateness);
        if (plan.relays()) {
            var back = connections.connect(plan, new Header(plan.number(), true), peers, unixPeers);
            // No thread reads from the peer meanwhile.
            idle.use();
            return new Relay(
                            plan,
                            line,
                            back,
                            idle,
                            new IdleMeter(conditions, plan.stack().isUnix(), System.nanoTime(), lateness))
                    .play();
        }
        var actor = new Actor(line, plan.fromApp(), plan.fromPeer(), plan.promisedByPeer(), idle);
        var link = plan.loss() == null ? "" : Descriptor.of(line.socket());
        var result = actor.play(plan.number(), "app", plan.app());
        if (result.kind() == SideResult.Kind.LEAKED && result.cause().isEmpty()) {
            leaks.add(plan, link, plan.loss() == Step.Loss.KEPT ? actor : null);
        }
        return result;
    }
}
