package io.socketreaper.runtime;

import io.socketreaper.bootstrap.Agent;
import io.socketreaper.config.Effective;
import io.socketreaper.config.Track;
import io.socketreaper.control.AnswerStreams;
import io.socketreaper.control.Commands;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.NotAnsweredException;
import io.socketreaper.stack.HookClass;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.stack.Weaver;
import io.socketreaper.text.HumanText;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.DaemonThreads;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import sun.nio.ch.SocketReaperHook;

/**
 * The agent from its start until it is detached. Keeps what it has added to the JVM, and removes it at a detach. Passes on commands and the
 * program's questions, see {@link io.socketreaper.bootstrap.StartSlots#REQUESTS}.
 */
@AnyThread
final class AgentController implements Function<Object, Object> {
    /** System property of a JVM with the agent: its version, and {@code watching} or {@code paused}. */
    private static final String PROPERTY = "io.socketreaper.agent";
    /** How long a detach waits for the releases under way, seconds: a drain's usual time. */
    private static final int END_SECONDS = 35;
    /** How long a detach waits for the agent's threads before it reports those that still run. */
    private static final int ENDING_MILLIS = 2000;

    private final Assembly parts;
    private final BootstrapLink link;
    private final Instrumentation instrumentation;
    private final Logger log;
    private final String version = readVersion();
    private final List<Weaver> weavers = new ArrayList<>();
    private final AgentRequests requests;
    private final Outlets outlets;
    private volatile boolean detached;
    /** Null before the first command. */
    private @Nullable Commands commands;
    /** Null before the first command. */
    private @Nullable AnswerStreams streams;
    /** True while a command is carried out, for which classes may still have to be loaded. */
    private boolean commanded;
    /** A lock of its own, because the application's threads ask, and a command may take a minute. */
    private final Object inProcessLock = new Object();

    private volatile boolean watchesAll;
    /** Set before the reaper thread is started. */
    private @Nullable ReaperRound round;
    /** Null until the program asks for something. */
    private @Nullable InProcessApi inProcess;

    AgentController(Assembly parts, Effective effective, BootstrapLink link, Logger log) {
        this.parts = parts;
        this.link = link;
        this.instrumentation = link.instrumentation();
        this.log = log;
        this.requests = new AgentRequests(this, parts, effective, link.isAttached(), log);
        this.watchesAll = effective.settings().track() == Track.ALL;
        this.outlets = new Outlets(requests, parts, effective.settings(), log);
    }

    // -- Start

    /** Adds the transformers, and weaves the classes that were loaded before; weaving starts from their original bytes. */
    void weave() throws UnmodifiableClassException {
        for (StackGuard guard : parts.guards()) {
            var weaver = new Weaver(guard.weaving(), guard);
            weavers.add(weaver);
            instrumentation.addTransformer(weaver, true);
        }
        JdkOutlets ofJdk = outlets.ofJdk();
        if (ofJdk != null) {
            instrumentation.addTransformer(ofJdk, true);
        }
        for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
            if (ofJdk != null && loaded.getClassLoader() == null) {
                ofJdk.loaded(internalName(loaded));
            }
            if (isWoven(loaded)) {
                instrumentation.retransformClasses(loaded);
            }
        }
    }

    private boolean isWoven(Class<?> loaded) {
        String name = internalName(loaded);
        for (StackGuard guard : parts.guards()) {
            if (guard.weaving().weaves(loaded.getClassLoader(), name)) {
                return true;
            }
        }
        return false;
    }

    private static String internalName(Class<?> loaded) {
        return loaded.getName().replace('.', '/');
    }

    void startReaper() {
        parts.release().prepareSendQueues();
        var first = new ReaperRound(parts);
        first.weaveLateBy(new LateWeaving(parts.clock(), parts.guards(), instrumentation));
        if (outlets.ofJdk() != null) {
            first.add(outlets.ofJdk());
        }
        round = first;
        parts.loop().start(first);
    }

    /**
     * Has every socket watched from now on, and not only those that the application half-closes: {@code track=all} for an agent that runs.
     * Sockets that are open already are found if they are channels in a selector, as at an attach.
     */
    synchronized void watchAll() {
        checkAttached();
        if (watchesAll) {
            return;
        }
        parts.loop().ask(() -> {
            parts.watchAll(log);
            return true;
        });
        var failures = new ArrayList<String>();
        try {
            HookClass.openThreads(instrumentation);
            weaveAnew(failures);
            SocketReaperHook.selections = true;
        } finally {
            parts.loop().ask(() -> {
                parts.guards().forEach(StackGuard::wovenAnew);
                return true;
            });
        }
        parts.loop().ask(() -> {
            Objects.requireNonNull(round)
                    .discoverBy(new ChannelDiscovery(parts.channels(), parts.selections(), parts.detector()));
            parts.selections().tellMet(parts.loop()::wakeIfAsleep);
            return true;
        });
        parts.loop().wake();
        if (!failures.isEmpty()) {
            throw new ControlException(
                    "some classes could not be woven for track=all, so not every socket is watched; setting it"
                            + " again tries again: " + String.join("; ", failures));
        }
        watchesAll = true;
    }

    /** Whether every socket is watched, as {@code track=all} wants it. */
    boolean watchesAll() {
        return watchesAll;
    }

    /** Replaces the transformers by those of the guards' weaving, and weaves the classes that are loaded from their original bytes. */
    private void weaveAnew(List<String> failures) {
        for (Weaver weaver : weavers) {
            instrumentation.removeTransformer(weaver);
        }
        weavers.clear();
        for (StackGuard guard : parts.guards()) {
            var weaver = new Weaver(guard.weaving(), guard);
            weavers.add(weaver);
            instrumentation.addTransformer(weaver, true);
        }
        retransform(failures);
    }

    /** Has the woven classes pass through the transformers again; returns how many. What fails is added to the list. */
    private int retransform(List<String> failures) {
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

    /** The agent runs now: publishes its state for tools, and takes requests. */
    void running() {
        tellState("watching");
        link.running(this, parts.headroom());
        outlets.start();
    }

    /** @param state {@code watching} or {@code paused} */
    void tellState(String state) {
        System.setProperty(PROPERTY, version + " " + state);
    }

    /** The version in the jar's manifest. */
    String version() {
        return version;
    }

    private static String readVersion() {
        var manifest = new Properties();
        try (InputStream in = AgentController.class.getClassLoader().getResourceAsStream("META-INF/MANIFEST.MF")) {
            manifest.load(in);
        } catch (IOException | RuntimeException unreadable) {
            // e.g. the jar was replaced
        }
        return manifest.getProperty("Implementation-Version", "unknown");
    }

    // -- Requests

    @Override
    public @Nullable Object apply(Object asked) {
        if (asked instanceof Object[] question) {
            if (question[0].equals(Agent.WARN)) {
                log.warn((String) question[1]);
                return null;
            }
            return inProcess().ask((String) question[0], question[1]);
        }
        return command((String) asked);
    }

    private InProcessApi inProcess() {
        synchronized (inProcessLock) {
            if (inProcess == null) {
                inProcess = new InProcessApi(parts, link.receivers(), requests);
            }
            return inProcess;
        }
    }

    private synchronized String command(String command) {
        if (commands == null) {
            streams = new AnswerStreams(
                    requests, new DaemonThreads("socket-reaper-stream"), parts.headroom(), parts.failures());
            commands = new Commands(requests, streams);
        }
        commanded = true;
        try {
            return commands.run(command);
        } finally {
            commanded = false;
            tellIfDetached();
        }
    }

    /** The last step of a detach: no class can be loaded after that. */
    private void tellIfDetached() {
        if (detached && !commanded) {
            link.detached();
        }
    }

    // -- Detach

    /** @throws NotAnsweredException if the agent has been detached, or is about to be */
    void checkAttached() {
        if (detached) {
            throw new NotAnsweredException("the agent has been detached");
        }
    }

    /** See {@link io.socketreaper.control.Control#detach}. */
    synchronized String detach() {
        checkAttached();
        detached = true;
        try {
            return takeOut();
        } finally {
            tellIfDetached();
        }
    }

    private String takeOut() {
        // A part that fails must not keep the others from being removed.
        var failures = new ArrayList<String>();
        try {
            parts.loop().end(END_SECONDS, failures);
        } catch (InterruptedException | RuntimeException notEnded) {
            failures.add("the reaper thread: " + notEnded);
        }
        SocketReaperHook.delegate(null);
        if (streams != null) {
            streams.close();
        }
        outlets.close(failures);
        synchronized (inProcessLock) {
            if (inProcess != null) {
                inProcess.close();
            }
        }
        parts.log().end();
        parts.descriptors().close();
        for (StackGuard guard : parts.guards()) {
            guard.stack().forget();
        }
        int unwoven = unweave(failures);
        System.clearProperty(PROPERTY);
        link.takesNoRequests();
        addLivingThreads(failures);
        String said = "detached: " + HumanText.count(unwoven, "class is", "classes are") + " as before, "
                + (failures.isEmpty()
                        ? "the agent's threads have ended"
                        : "but not everything has ended: " + String.join("; ", failures))
                + stillOpen();
        if (failures.isEmpty()) {
            log.info(said);
        } else {
            log.error(said);
        }
        return closeLog(said, failures.isEmpty());
    }

    /** After the end of the reaper thread, which the counts belong to. */
    private String stillOpen() {
        long held = parts.journal().total().held();
        return held == 0 ? "" : "; " + HumanText.count(held, "leaked socket stays", "leaked sockets stay") + " open";
    }

    private static void addLivingThreads(List<String> failures) {
        try {
            List<String> living = AgentThreads.living(ENDING_MILLIS);
            if (!living.isEmpty()) {
                failures.add("still running: " + String.join(", ", living));
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param complete whether all other parts have been removed */
    private String closeLog(String said, boolean complete) {
        if (log instanceof AutoCloseable open) {
            try {
                open.close();
            } catch (Exception stuck) {
                throw new ControlException(said + "; " + stuck.getMessage());
            }
        }
        if (!complete) {
            throw new ControlException(said);
        }
        return said;
    }

    /** Puts back the class files as they were loaded; returns how many. What fails is added to the list. */
    int unweave(List<String> failures) {
        for (Weaver weaver : weavers) {
            instrumentation.removeTransformer(weaver);
        }
        if (outlets.ofJdk() != null) {
            instrumentation.removeTransformer(outlets.ofJdk());
        }
        return retransform(failures);
    }
}
