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
    private final Openings openings;
    private final Leaks leaks;

    /** Words of the lines on standard output, which the other JVM reads. */
    enum Word {
        LISTENING,
        FATE,
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
        openings = new Openings(directory.resolve("keys"));
        leaks = new Leaks(conditions);
    }

    /** Arguments: seed, conditions, directory of the run, port of the peers, port of the canaries' echo. */
    public static void main(String[] args) throws Exception {
        var directory = Path.of(args[2]);
        var application =
                new Application(Long.parseLong(args[0]), Conditions.of(args[1]), directory, Integer.parseInt(args[3]));
        new Doors(application.openings, application::accepted).open(directory);
        var health = new Health();
        try (var canaries = new Canaries(Integer.parseInt(args[4]))) {
            application.obey(health, canaries);
        }
        System.exit(0);
    }

    static synchronized void say(Word word, String text) {
        System.out.println(word + "\t" + text);
        System.out.flush();
    }

    private void obey(Health health, Canaries canaries) throws Exception {
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = commands.readLine(); line != null; line = commands.readLine()) {
            var words = line.split(" ");
            switch (words[0]) {
                case "connect" -> connect(Integer.parseInt(words[1]));
                case "dump" -> Health.dump();
                case "close" -> leaks.close(Integer.parseInt(words[1]));
                case "end" -> start("end", () -> end(health, canaries));
                default -> throw new IllegalArgumentException(line);
            }
        }
    }

    private void end(Health health, Canaries canaries) {
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
        start(number, () -> play(plan, since, openings.connect(plan, new Header(number, false), peers, unixPeers)));
    }

    /** A peer has connected by this door and said its header. */
    private void accepted(int number, long since, Doors.Opening opening) {
        var plan = Plan.of(seed, number, conditions);
        start(number, () -> play(plan, since, opening.open(plan)));
    }

    private interface Story {
        Fate play() throws IOException;
    }

    private void start(int number, Story story) {
        playing.incrementAndGet();
        start("connection " + number, () -> {
            try {
                say(Word.FATE, story.play().line());
            } catch (IOException | RuntimeException e) {
                say(
                        Word.FATE,
                        new Fate(number, "app", Fate.Kind.FAILED, false, 0, 0, 0, "could not open: " + e).line());
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

    private Fate play(Plan plan, long since, Line line) throws IOException {
        var exposure = new Exposure(conditions, plan.stack().isUnix(), since, lateness);
        if (plan.relays()) {
            var back = openings.connect(plan, new Header(plan.number(), true), peers, unixPeers);
            // Nobody reads the peer meanwhile.
            exposure.use();
            return new Relay(
                            plan,
                            line,
                            back,
                            exposure,
                            new Exposure(conditions, plan.stack().isUnix(), System.nanoTime(), lateness))
                    .play();
        }
        var actor = new Actor(line, plan.fromApp(), plan.fromPeer(), plan.promisedByPeer(), exposure);
        var link = plan.loss() == null ? "" : Descriptor.of(line.socket());
        var fate = actor.play(plan.number(), "app", plan.app());
        if (fate.kind() == Fate.Kind.LEAKED && fate.cause().isEmpty()) {
            leaks.add(plan, link, plan.loss() == Step.Loss.KEPT ? actor : null);
        }
        return fate;
    }
}
