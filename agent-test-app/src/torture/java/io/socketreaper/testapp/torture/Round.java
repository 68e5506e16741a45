package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.Tls;
import io.socketreaper.testapp.torture.Application.Word;
import io.socketreaper.testapp.torture.Stack.Listener;
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
    private final PrintWriter results;
    private final ResultChecker checker = new ResultChecker();
    private final Semaphore together;
    private final Set<Integer> playing = ConcurrentHashMap.newKeySet();
    private final CountDownLatch listening = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Map<Listener, Integer> listeners;
    private volatile String figures = "";
    private volatile Peers peers;
    private volatile ApplicationProcess application;

    Round(long seed, Conditions conditions, int together, Path directory) throws IOException {
        this.seed = seed;
        this.conditions = conditions;
        this.together = new Semaphore(together);
        this.directory = directory;
        results = new PrintWriter(directory.resolve("results.log").toFile(), StandardCharsets.UTF_8);
    }

    ResultChecker checker() {
        return checker;
    }

    String figures() {
        return figures;
    }

    void play(Duration length, int perSecond, Path agent, String moreSettings) throws Exception {
        Tls.makeKeys(directory.resolve("keys"));
        try (var all = new Peers(directory, number -> Plan.of(seed, number, conditions), this::told);
                var echo = new Echo()) {
            peers = all;
            try (var child = new ApplicationProcess(
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
                    checker.trouble("the application did not start");
                    return;
                }
                application = child;
                drive(child, length, perSecond);
                end(child);
                // The application's exit is no end that a peer should see.
                all.close();
                results.flush();
            }
        }
    }

    private void drive(ApplicationProcess child, Duration length, int perSecond) throws InterruptedException {
        var random = Plan.random(seed, -1);
        long end = System.nanoTime() + length.toNanos();
        for (int number = 0; System.nanoTime() - end < 0 && child.isAlive(); number++) {
            if (!together.tryAcquire(LONGEST_STORY.toSeconds(), TimeUnit.SECONDS)) {
                checker.trouble("no connection comes to its end");
                return;
            }
            var plan = Plan.of(seed, number, conditions);
            playing.add(number);
            if (plan.connects()) {
                child.tell("connect " + number);
            } else {
                peers.connect(plan, listeners);
            }
            Thread.sleep(random.nextInt(2000 / perSecond + 1));
        }
    }

    private void end(ApplicationProcess child) throws InterruptedException {
        long patience = System.nanoTime() + LONGEST_STORY.toNanos();
        while (!playing.isEmpty() && System.nanoTime() - patience < 0 && child.isAlive()) {
            Thread.sleep(GRACE_MILLIS);
        }
        if (!playing.isEmpty()) {
            child.tell("dump");
            checker.trouble("these connections do not come to their end: " + playing);
        }
        child.tell("end");
        if (!ended.await(END.toSeconds(), TimeUnit.SECONDS)) {
            child.tell("dump");
            checker.trouble("the application does not come to its end");
        }
    }

    /** Both sides tell. A connection whose leak a peer listens to is over when the application has leaked it. */
    private void told(SideResult result) {
        var plan = Plan.of(seed, result.number(), conditions);
        boolean listened = !plan.peer().isEmpty() && plan.peer().get(plan.peer().size() - 1) instanceof Step.Listen;
        boolean over = checker.told(plan, result);
        results.println(result.line() + "\t" + plan);
        boolean appIsDone = result.role().equals("app");
        if (appIsDone && result.kind() != SideResult.Kind.LEAKED && listened) {
            peers.over(result.number());
        }
        if ((over || appIsDone && listened) && playing.remove(result.number())) {
            together.release();
        }
    }

    private void heard(Word word, String text) {
        switch (word) {
            case LISTENING -> {
                var ports = text.split(" ");
                listeners = Map.of(
                        Listener.CHANNEL,
                        Integer.parseInt(ports[0]),
                        Listener.SOCKET,
                        Integer.parseInt(ports[1]),
                        Listener.ASYNC,
                        Integer.parseInt(ports[2]),
                        Listener.NETTY,
                        Integer.parseInt(ports[3]),
                        Listener.NETTY_EPOLL,
                        Integer.parseInt(ports[4]));
                listening.countDown();
            }
            case RESULT -> told(SideResult.of(text));
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
                    checker.trouble(text);
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

    /** Keeps the agent's log and the results of all connections, for the analysis of a failure. */
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
