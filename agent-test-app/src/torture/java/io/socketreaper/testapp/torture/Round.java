package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.Tls;
import io.socketreaper.testapp.torture.Application.Word;
import io.socketreaper.testapp.torture.Stack.Door;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One application's JVM under one set of settings, and its population. */
final class Round {
    private static final Duration START = Duration.ofSeconds(60);
    /** The longest story has pauses of half a minute; an overloaded machine takes its time. */
    private static final Duration LONGEST_STORY = Duration.ofSeconds(120);

    private static final Duration END = Duration.ofSeconds(90);
    /** A peer hears of a forged end before it is told to go. */
    private static final int GRACE_MILLIS = 100;

    private final long seed;
    private final Conditions conditions;
    private final Path directory;
    private final PrintWriter fates;
    private final Oracle oracle = new Oracle();
    private final Semaphore together;
    private final Set<Integer> playing = ConcurrentHashMap.newKeySet();
    private final CountDownLatch listening = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Map<Door, Integer> doors;
    private volatile String figures = "";
    private volatile Peers peers;
    private volatile Child application;

    Round(long seed, Conditions conditions, int together, Path directory) throws IOException {
        this.seed = seed;
        this.conditions = conditions;
        this.together = new Semaphore(together);
        this.directory = directory;
        fates = new PrintWriter(directory.resolve("fates.log").toFile(), StandardCharsets.UTF_8);
    }

    Oracle oracle() {
        return oracle;
    }

    String figures() {
        return figures;
    }

    void play(Duration length, int perSecond, Path agent, String moreSettings) throws Exception {
        Tls.makeKeys(directory.resolve("keys"));
        try (var all = new Peers(directory, number -> Plan.of(seed, number, conditions), this::told);
                var echo = new Echo()) {
            peers = all;
            try (var child = new Child(
                    agent,
                    conditions.arguments(moreSettings.isEmpty() ? List.of() : List.of(moreSettings)),
                    List.of(
                            Long.toString(seed),
                            conditions.text(),
                            directory.toString(),
                            Integer.toString(all.port()),
                            Integer.toString(echo.port())),
                    directory.resolve("agent.log"),
                    this::heard)) {
                if (!listening.await(START.toSeconds(), TimeUnit.SECONDS)) {
                    oracle.trouble("the application did not start");
                    return;
                }
                application = child;
                drive(child, length, perSecond);
                end(child);
                // The application's exit is no end that a peer should see.
                all.close();
                fates.flush();
            }
        }
    }

    private void drive(Child child, Duration length, int perSecond) throws InterruptedException {
        var random = Plan.random(seed, -1);
        long end = System.nanoTime() + length.toNanos();
        for (int number = 0; System.nanoTime() - end < 0 && child.isAlive(); number++) {
            if (!together.tryAcquire(LONGEST_STORY.toSeconds(), TimeUnit.SECONDS)) {
                oracle.trouble("no connection comes to its end");
                return;
            }
            var plan = Plan.of(seed, number, conditions);
            playing.add(number);
            if (plan.connects()) {
                child.tell("connect " + number);
            } else {
                peers.connect(plan, doors);
            }
            Thread.sleep(random.nextInt(2000 / perSecond + 1));
        }
    }

    private void end(Child child) throws InterruptedException {
        long patience = System.nanoTime() + LONGEST_STORY.toNanos();
        while (!playing.isEmpty() && System.nanoTime() - patience < 0 && child.isAlive()) {
            Thread.sleep(GRACE_MILLIS);
        }
        if (!playing.isEmpty()) {
            child.tell("dump");
            oracle.trouble("these connections do not come to their end: " + playing);
        }
        child.tell("end");
        if (!ended.await(END.toSeconds(), TimeUnit.SECONDS)) {
            child.tell("dump");
            oracle.trouble("the application does not come to its end");
        }
    }

    /** Both sides tell. A connection whose leak a peer listens to is over when the application has leaked it. */
    private void told(Fate fate) {
        var plan = Plan.of(seed, fate.number(), conditions);
        boolean listened = !plan.peer().isEmpty() && plan.peer().get(plan.peer().size() - 1) instanceof Step.Listen;
        boolean over = oracle.told(plan, fate);
        fates.println(fate.line() + "\t" + plan);
        boolean appIsDone = fate.role().equals("app");
        if (appIsDone && fate.kind() != Fate.Kind.LEAKED && listened) {
            peers.over(fate.number());
        }
        if ((over || appIsDone && listened) && playing.remove(fate.number())) {
            together.release();
        }
    }

    private void heard(Word word, String text) {
        switch (word) {
            case LISTENING -> {
                var ports = text.split(" ");
                doors = Map.of(
                        Door.CHANNEL,
                        Integer.parseInt(ports[0]),
                        Door.SOCKET,
                        Integer.parseInt(ports[1]),
                        Door.ASYNC,
                        Integer.parseInt(ports[2]),
                        Door.NETTY,
                        Integer.parseInt(ports[3]),
                        Door.NETTY_EPOLL,
                        Integer.parseInt(ports[4]));
                listening.countDown();
            }
            case FATE -> told(Fate.of(text));
            case OVER -> {
                var leaving = new Thread(
                        () -> {
                            try {
                                Thread.sleep(GRACE_MILLIS);
                                peers.over(Integer.parseInt(text));
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "leaving");
                leaving.setDaemon(true);
                leaving.start();
            }
            case TROUBLE -> {
                if (ended.getCount() > 0) {
                    oracle.trouble(text);
                }
            }
            case LEAVING -> {
                peers.over(Integer.parseInt(text));
                application.tell("close " + text);
            }
            case FIGURES -> figures = text;
            case ENDED -> ended.countDown();
        }
    }

    /** The agent's log and the fates of all connections, for whoever looks into a failure. */
    Path directory() {
        return directory;
    }

    /** The files are not needed any more. */
    void deleteTraces() throws IOException {
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    static Path newDirectory() throws IOException {
        return Files.createTempDirectory("torture");
    }
}
