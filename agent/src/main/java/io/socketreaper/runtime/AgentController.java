package io.socketreaper.runtime;

import io.socketreaper.config.Effective;
import io.socketreaper.config.SettingValue;
import io.socketreaper.config.Settings;
import io.socketreaper.config.SettingsChange;
import io.socketreaper.config.SettingsProblem;
import io.socketreaper.config.SettingsReader;
import io.socketreaper.control.AnswerStreams;
import io.socketreaper.control.Commands;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.History;
import io.socketreaper.control.NotAnsweredException;
import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.control.ReleaseRequest;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.detect.SuspectSnapshot;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.stack.Weaver;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import sun.nio.ch.SocketReaperHook;

/**
 * The agent from its start until it is detached: what it has put into the JVM and must take out again, and what can be asked of
 * it. Any thread; what concerns sockets is answered by the reaper thread.
 */
final class AgentController implements Control, Function<Object, Object> {
    /** System property of a JVM that the agent is in: its version, and {@code watching} or {@code paused}. */
    static final String PROPERTY = "io.socketreaper.agent";
    /** Slot of the start array for what takes commands. */
    private static final int COMMANDS = 3;
    /** Slot of those who want to hear of leaks, a list of {@code Consumer<Map<String, Object>>} that others may change. */
    private static final int RECEIVERS = 4;
    /** Slot of the {@code Runnable} that lets go of this. */
    private static final int ENDED = 5;
    /** Slot of the {@code BooleanSupplier} that tells whether file channels may be used. */
    private static final int FILE_CHANNELS = 6;
    /** How long a detach waits for what is being released, seconds: a drain's usual time. */
    private static final int END_SECONDS = 35;
    /** How long threads that were told to end are waited for before it is said that they have not. */
    private static final int ENDING_MILLIS = 2000;

    /** Some milliseconds of the reaper thread. */
    private static final int WORDS_AT_ONCE = 1000;
    /** Of the reaper thread, nanoseconds. */
    private static final long RELEASES_AT_ONCE = TimeUnit.MILLISECONDS.toNanos(50);

    private final Reaper reaper;
    private final Instrumentation instrumentation;
    private final boolean attached;
    private final Object[] start;
    private final Logger log;
    private final List<Weaver> weavers = new ArrayList<>();
    private final Outlets outlets;
    private final String version = version();
    private final long startedMillis = System.currentTimeMillis();
    private volatile Effective effective;
    private volatile boolean detached;
    private Commands commands;
    /** Comes with them. */
    private AnswerStreams streams;
    /** True while one is carried out, for which classes may still have to be loaded. */
    private boolean commanded;
    /** Not this: the application's threads ask, and a command may take a minute. */
    private final Object insideLock = new Object();
    /** Null until the program asks for something. */
    private InProcessApi inside;

    AgentController(
            Reaper reaper,
            Effective effective,
            Instrumentation instrumentation,
            boolean attached,
            Object[] start,
            Logger log) {
        this.reaper = reaper;
        this.effective = effective;
        this.instrumentation = instrumentation;
        this.attached = attached;
        this.start = start;
        this.log = log;
        this.outlets = new Outlets(this, reaper, effective.settings(), log);
    }

    /** It is in now: tells those who look from outside, and takes commands. */
    void begun() {
        System.setProperty(PROPERTY, version + " watching");
        start[FILE_CHANNELS] = reaper.headroom();
        start[COMMANDS] = this;
        outlets.start();
    }

    @SuppressWarnings("unchecked") // what Agent has put there; its class is another one in this loader
    private InProcessApi inside() {
        synchronized (insideLock) {
            if (inside == null) {
                inside =
                        new InProcessApi(reaper, (List<Consumer<Map<String, Object>>>) start[RECEIVERS], this::inForce);
            }
            return inside;
        }
    }

    private Settings inForce() {
        return effective.settings();
    }

    /** Adds the transformers. */
    void weave() {
        for (StackGuard guard : reaper.guards()) {
            var weaver = new Weaver(guard.weaving(), guard);
            weavers.add(weaver);
            instrumentation.addTransformer(weaver, true);
        }
        if (outlets.ofJdk() != null) {
            reaper.inEveryRound(outlets.ofJdk());
            instrumentation.addTransformer(outlets.ofJdk(), true);
        }
    }

    Outlets outlets() {
        return outlets;
    }

    /** The version in the jar's manifest. */
    private static String version() {
        var manifest = new Properties();
        try (InputStream in = AgentController.class.getClassLoader().getResourceAsStream("META-INF/MANIFEST.MF")) {
            manifest.load(in);
        } catch (IOException | RuntimeException unreadable) {
            // e.g. the jar was replaced
        }
        return manifest.getProperty("Implementation-Version", "unknown");
    }

    /**
     * A command of the command line's, answered in JSON; or a question of the program, an array of its name and its
     * argument.
     */
    @Override
    public Object apply(Object asked) {
        if (asked instanceof Object[] question) {
            return inside().ask((String) question[0], question[1]);
        }
        return command((String) asked);
    }

    private synchronized String command(String command) {
        if (commands == null) {
            streams = new AnswerStreams(
                    this, new Reaper.Daemons("socket-reaper-stream"), reaper.headroom(), reaper.failures());
            commands = new Commands(this, streams);
        }
        commanded = true;
        try {
            return commands.run(command);
        } finally {
            commanded = false;
            letGoIfDetached();
        }
    }

    /** The last that is done here: no class can be loaded after that. */
    private void letGoIfDetached() {
        if (detached && !commanded) {
            ((Runnable) start[ENDED]).run();
        }
    }

    @Override
    public Status status() {
        checkAttached();
        DescriptorKinds kinds = reaper.pressure().kinds();
        int open = reaper.descriptors().open();
        return reaper.ask(() -> {
            var stacks = new ArrayList<Status.Stack>();
            for (StackGuard guard : reaper.guards()) {
                stacks.add(new Status.Stack(guard.stack().name(), guard.stateName(), guard.why()));
            }
            var problems = new ArrayList<String>();
            for (SettingsProblem problem : effective.problems()) {
                problems.add(problem.text());
            }
            problems.addAll(reaper.headroom().waiting());
            return new Status(
                    version,
                    ProcessHandle.current().pid(),
                    startedMillis,
                    System.currentTimeMillis(),
                    attached,
                    reaper.watch().isPaused(),
                    effective.observesOnly(),
                    reaper.pressure().isPressed(),
                    open,
                    reaper.descriptors().limit(),
                    kinds.byName(),
                    reaper.watch().suspects(),
                    reaper.release().releasing(),
                    reaper.ledger().total(),
                    reaper.ledger().byKind(),
                    stacks,
                    effective.values(),
                    reaper.failures().count(),
                    problems);
        });
    }

    @Override
    public List<SettingValue> settings() {
        return effective.values();
    }

    @Override
    public List<SiteInfo> sites() {
        checkAttached();
        return reaper.ask(() -> reaper.ledger().sites(effective.settings().stackDepth()));
    }

    @Override
    public List<SocketInfo> sockets(String site, int atMost) {
        List<SocketInfo> sockets = first(atMost, site, Comparator.comparingLong(SuspectSnapshot::idleMillis));
        if (site != null && sockets.isEmpty()) {
            checkSite(site);
        }
        return sockets;
    }

    @Override
    public List<SocketInfo> oldestSockets(int atMost) {
        return first(atMost, null, Comparator.comparingLong(SuspectSnapshot::ageMillis));
    }

    /** Words are made of those only that are asked for, and of a part at a time: there may be very many. */
    private List<SocketInfo> first(int atMost, String site, Comparator<SuspectSnapshot> ascending) {
        checkAttached();
        List<SuspectSnapshot> all = reaper.ask(() -> reaper.watch().list());
        var found = new ArrayList<SuspectSnapshot>();
        for (SuspectSnapshot listed : all) {
            if (site == null
                    || listed.openCase() != null
                            && listed.openCase().site().id().equals(site)) {
                found.add(listed);
            }
        }
        found.sort(ascending.reversed());
        int count = Math.max(0, Math.min(atMost, found.size()));
        var shown = new ArrayList<SocketInfo>(count);
        while (shown.size() < count) {
            List<SuspectSnapshot> part = found.subList(shown.size(), Math.min(count, shown.size() + WORDS_AT_ONCE));
            shown.addAll(reaper.ask(() -> infos(part)));
        }
        return List.copyOf(shown);
    }

    private static List<SocketInfo> infos(List<SuspectSnapshot> part) {
        var infos = new ArrayList<SocketInfo>(part.size());
        for (SuspectSnapshot listed : part) {
            infos.add(info(listed));
        }
        return infos;
    }

    private static SocketInfo info(SuspectSnapshot listed) {
        SocketSnapshot sighting = listed.snapshot();
        var socket = listed.candidate().socket();
        Endpoints endpoints = socket.endpoints();
        String phase = listed.openCase() == null ? "suspect" : listed.openCase().inRelease() ? "releasing" : "leak";
        return new SocketInfo(
                listed.number(),
                listed.openCase() == null ? "" : listed.openCase().site().id(),
                sighting == null ? "" : sighting.kind().toString(),
                sighting == null ? "" : listed.grade().toString(),
                phase,
                endpoints.local() == null ? "" : Endpoints.text(endpoints.local()),
                endpoints.remote() == null ? "" : Endpoints.text(endpoints.remote()),
                socket.descriptor(),
                socket.inode(),
                sighting == null ? "UNKNOWN" : sighting.tcpState().toString(),
                sighting == null ? 0 : sighting.unreadBytes(),
                sighting != null && sighting.endOfInput(),
                listed.ageMillis(),
                listed.idleMillis(),
                listed.timeoutMillis(),
                LeakSites.location(listed.candidate().signStack()));
    }

    @Override
    public History history() {
        checkAttached();
        return reaper.ask(() -> reaper.ledger().history());
    }

    @Override
    public ReleaseAnswer releaseSocket(long socket, ReleaseRequest action) {
        ReleaseAnswer answer = release(listed -> listed.number() == socket, action);
        if (answer.begun() + answer.spared() + answer.notYet() + answer.doubtful() == 0) {
            throw new ControlException(
                    "no socket has the id " + socket + "; `sockets` lists those that show a sign, and one that is being"
                            + " released or has been closed needs no release");
        }
        return answer;
    }

    @Override
    public ReleaseAnswer releaseSite(String site, ReleaseRequest action) {
        ReleaseAnswer answer = release(
                listed -> listed.openCase() != null
                        && listed.openCase().site().id().equals(site),
                action);
        if (answer.begun() + answer.spared() + answer.doubtful() == 0) {
            checkSite(site);
        }
        return answer;
    }

    private void checkSite(String site) {
        if (sites().stream().noneMatch(known -> known.id().equals(site))) {
            throw new ControlException("no leak site has the id \"" + site + "\"; `sites` lists them");
        }
    }

    private ReleaseAnswer release(Predicate<SuspectSnapshot> chosen, ReleaseRequest request) {
        checkAttached();
        var releasing = new SiteRelease(reaper.watch(), chosen, request);
        ReleaseAnswer answer = null;
        while (answer == null) {
            // Between two parts the reaper thread does what else is to be done.
            answer = reaper.ask(() -> releasing.goOn(RELEASES_AT_ONCE));
        }
        return answer;
    }

    @Override
    public String set(String settings) {
        checkAttached();
        return reaper.ask(() -> {
            SettingsChange change = SettingsReader.change(effective, settings);
            if (!change.problems().isEmpty()) {
                var problems = new StringBuilder();
                for (SettingsProblem problem : change.problems()) {
                    problems.append(problems.length() == 0 ? "" : "\n").append(problem.text());
                }
                throw new ControlException(problems.toString());
            }
            effective = change.effective();
            var changed = effective.settings();
            reaper.watch().settings(changed);
            reaper.release().settings(changed);
            reaper.pressure().settings(changed);
            reaper.log().settings(changed.logIntervalMillis(), changed.stackDepth());
            if (outlets.ofJdk() != null) {
                outlets.ofJdk().settings(changed);
            }
            log.info("settings changed; {}", effective.startLine());
            return effective.startLine();
        });
    }

    @Override
    public void limitRaised(long raised, long real) {
        reaper.useRoom(raised, real);
    }

    @Override
    public void pause() {
        pause(true);
    }

    @Override
    public void resume() {
        pause(false);
    }

    private void pause(boolean on) {
        checkAttached();
        boolean changed = reaper.ask(() -> {
            boolean before = reaper.watch().isPaused();
            reaper.watch().pause(on);
            return before != on;
        });
        if (changed) {
            System.setProperty(PROPERTY, version + (on ? " paused" : " watching"));
            log.info(
                    on
                            ? "paused: no leak is found or released until it is resumed"
                            : "resumed: every window begins anew");
        }
    }

    @Override
    public synchronized String detach() {
        checkAttached();
        detached = true;
        try {
            return takeOut();
        } finally {
            letGoIfDetached();
        }
    }

    private String takeOut() {
        // Whatever comes first must not leave the rest undone.
        var failures = new ArrayList<String>();
        try {
            reaper.end(END_SECONDS, failures);
        } catch (InterruptedException | RuntimeException notEnded) {
            failures.add("the reaper thread: " + notEnded);
        }
        SocketReaperHook.delegate(null);
        if (streams != null) {
            streams.close();
        }
        outlets.close(failures);
        synchronized (insideLock) {
            if (inside != null) {
                inside.close();
            }
        }
        reaper.log().end();
        reaper.descriptors().close();
        for (StackGuard guard : reaper.guards()) {
            guard.stack().forget();
        }
        int unwoven = unweave(failures);
        System.clearProperty(PROPERTY);
        start[COMMANDS] = null;
        try {
            List<String> living = Reaper.living(ENDING_MILLIS);
            if (!living.isEmpty()) {
                failures.add("still running: " + String.join(", ", living));
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        String said = "detached: " + unwoven + " classes are as before, "
                + (failures.isEmpty()
                        ? "the agent's threads have ended"
                        : "but not all is: " + String.join("; ", failures));
        if (failures.isEmpty()) {
            log.info(said);
        } else {
            log.error(said);
        }
        if (log instanceof AutoCloseable open) {
            try {
                open.close();
            } catch (Exception stuck) {
                failures.add(stuck.getMessage());
                said += "; " + stuck.getMessage();
            }
        }
        if (!failures.isEmpty()) {
            throw new ControlException(said);
        }
        return said;
    }

    /** Puts back the class files as they were loaded; returns how many. */
    int unweave(List<String> failures) {
        for (Weaver weaver : weavers) {
            instrumentation.removeTransformer(weaver);
        }
        if (outlets.ofJdk() != null) {
            instrumentation.removeTransformer(outlets.ofJdk());
        }
        int count = 0;
        for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
            if (isWoven(loaded)) {
                try {
                    instrumentation.retransformClasses(loaded);
                    count++;
                } catch (UnmodifiableClassException | RuntimeException | LinkageError failed) {
                    failures.add(loaded.getName() + ": " + failed);
                }
            }
        }
        return count;
    }

    private boolean isWoven(Class<?> loaded) {
        String name = loaded.getName().replace('.', '/');
        for (StackGuard guard : reaper.guards()) {
            if (guard.weaving().weaves(loaded.getClassLoader(), name)) {
                return true;
            }
        }
        return false;
    }

    private void checkAttached() {
        if (detached) {
            throw new NotAnsweredException("the agent has been detached");
        }
    }
}
