package io.socketreaper.bootstrap;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.instrument.Instrumentation;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The entry class: named in the jar's manifest, called by the JVM for {@code -javaagent} and for an attach.
 *
 * <p>It is compiled for Java 8 and touches JDK types only, so that a JVM that is too old gets one clear line instead of a
 * stack trace. It catches everything (a premain that throws ends the JVM), initialises no class on the application's
 * behalf, and leaves the application's class path alone. {@link CoreLoader} loads the rest of the agent.
 */
public final class Agent {
    /** Questions of the program, for {@link #ask}. */
    public static final String ACTIVE = "active";

    public static final String LISTEN = "listen";
    public static final String UNLISTEN = "unlisten";
    public static final String TEST = "test";
    public static final String LOOK = "look";
    /** A line for the log of the agent that runs, at level WARN. Only this class says it. */
    public static final String WARN = "warn";

    private static final int OLDEST_JAVA = 17;
    /** Milliseconds. */
    private static final long SECOND = 1000;
    /** The prefix by which an attach passes a command instead of settings to an agent that is already in the JVM. */
    private static final String COMMAND = "!";
    /** The prefix of a command that starts the agent: a line of settings, then the command to answer after the start. */
    private static final String ATTACH = "attach\n";
    /** Consumers of maps, one for every copy of the public API that has listeners; they outlive a detach. */
    private static final List<Object> RECEIVERS = new CopyOnWriteArrayList<Object>();
    /** Of the core that runs; null without one. Set under the lock of this class, which a command may hold for a minute. */
    private static final AtomicReference<CoreLoader> CORE = new AtomicReference<CoreLoader>();

    private Agent() {}

    /** Called by the JVM before {@code main}. */
    public static void premain(String arguments, Instrumentation instrumentation) {
        start(arguments, instrumentation, false);
    }

    /** Called by the JVM when the jar is attached to a running process. */
    public static void agentmain(String arguments, Instrumentation instrumentation) {
        start(arguments, instrumentation, true);
    }

    private static synchronized void start(String arguments, Instrumentation instrumentation, boolean attached) {
        try {
            if (attached && arguments != null && arguments.startsWith(COMMAND)) {
                command(arguments.substring(COMMAND.length()), instrumentation);
                return;
            }
            CoreLoader running = CORE.get();
            if (running != null) {
                warn(
                        running,
                        "Socket Reaper is already in this JVM and keeps its settings; ignored: \""
                                + (arguments == null ? "" : arguments) + "\"");
                return;
            }
            if (!javaIsNewEnough()) {
                say(
                        "WARN ",
                        "needs Java " + OLDEST_JAVA + " or newer, this is Java " + System.getProperty("java.version")
                                + "; it stays off and the application runs without it");
                return;
            }
            begin(arguments, instrumentation, attached);
        } catch (Throwable failure) {
            notStarted(failure);
        }
    }

    private static void notStarted(Throwable failure) {
        Throwable cause = failure instanceof ExceptionInInitializerError && failure.getCause() != null
                ? failure.getCause()
                : failure;
        say("ERROR", "could not start and stays off; the application runs without it. Cause: " + cause);
    }

    @SuppressWarnings("ReturnValueIgnored") // asked for its effect
    private static void begin(String arguments, Instrumentation instrumentation, boolean attached) throws Exception {
        File jar = new File(
                Agent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        CoreLoader started = new CoreLoader(jar, arguments, instrumentation, attached, RECEIVERS);
        try {
            started.startCore();
        } finally {
            if (started.isRunning()) {
                CORE.set(started);
                // A listener that was added a moment ago has found no core, but is in the list.
                if (!RECEIVERS.isEmpty()) {
                    started.requests().apply(new Object[] {LISTEN, null});
                }
            } else {
                started.close();
            }
        }
    }

    /** The core has been detached, in whatever way. Any thread: it may be inside a command, so no lock is taken. */
    static void ended(CoreLoader detached) {
        CORE.compareAndSet(detached, null);
    }

    /**
     * Writes what {@link #agentmain} takes from the command line instead of settings.
     *
     * @param reply    the file for the answer, as this JVM sees it; one line
     * @param settings for an agent that is to come with this request; null if it must be there; one line
     * @param request  as {@code control.WireCodec} writes it
     */
    public static String message(String reply, @Nullable String settings, String request) {
        return COMMAND + reply + "\n" + (settings == null ? "" : ATTACH + settings + "\n") + request;
    }

    /**
     * Passes a command on and writes the answer into the file that its first line names. The asking process has made that file, readable for
     * its own user only. If it is gone, the asking process no longer waits, and a file in its place belongs to another program. A command
     * comes by an
     * attach, when the JVM has long initialised its file systems.
     */
    private static void command(String command, Instrumentation instrumentation) {
        try {
            int end = command.indexOf('\n');
            String answer = answer(command.substring(end + 1), instrumentation);
            write(answer, new File(command.substring(0, end)));
        } catch (Throwable failure) {
            say("ERROR", "has not answered a command, but may have carried it out. Cause: " + failure);
        }
    }

    private static void write(String answer, File reply) throws IOException {
        CoreLoader core = CORE.get();
        if (core == null || !core.mayUseFileChannels()) {
            writeWithoutChannel(answer.getBytes(StandardCharsets.UTF_8), reply);
            return;
        }
        FileChannel channel = FileChannel.open(
                reply.toPath(),
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING,
                LinkOption.NOFOLLOW_LINKS);
        try {
            ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } finally {
            channel.close();
        }
    }

    /**
     * Initialises no class of the JDK that stays broken if no descriptor is left for it. What it opens follows links, so the file
     * is changed only if it is the regular file that was there before.
     */
    private static void writeWithoutChannel(byte[] answer, File reply) throws IOException {
        Object before = regularFile(reply);
        RandomAccessFile opened = new RandomAccessFile(reply, "rw");
        try {
            if (!before.equals(regularFile(reply))) {
                throw new IOException("the file for the answer was replaced");
            }
            opened.setLength(0);
            opened.write(answer);
        } finally {
            opened.close();
        }
    }

    /** What identifies it. */
    private static Object regularFile(File file) throws IOException {
        BasicFileAttributes found =
                Files.readAttributes(file.toPath(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile()) {
            throw new IOException("the file for the answer is not a regular file");
        }
        return found.fileKey();
    }

    private static String answer(String command, Instrumentation instrumentation) {
        CoreLoader core = CORE.get();
        if (!command.startsWith(ATTACH)) {
            return core == null ? error("Socket Reaper is not in this JVM") : core.command(command);
        }
        if (core != null) {
            return error("Socket Reaper is in this JVM already; its settings were not changed");
        }
        int end = command.indexOf('\n', ATTACH.length());
        try {
            begin(command.substring(ATTACH.length(), end), instrumentation, true);
        } catch (Throwable failure) {
            notStarted(failure);
        }
        core = CORE.get();
        return core == null
                ? error("Socket Reaper could not start and stays off; the standard error of that JVM says why")
                : core.command(command.substring(end + 1));
    }

    private static String error(String what) {
        return "{\"error\":\"" + what + "\"}";
    }

    /**
     * Answers questions of the program in this JVM, which calls it by reflection from any class loader: JDK types only. Any thread.
     *
     * @param question {@link #ACTIVE}; {@link #LISTEN} and {@link #UNLISTEN}, with a {@code Consumer<Map<String, Object>>};
     *                 {@link #TEST}, or {@link #LOOK} with a map of {@code bridge.Look}
     * @return null if the agent is not in this JVM
     */
    public static @Nullable Object ask(String question, @Nullable Object argument) {
        if (question.equals(LISTEN)) {
            RECEIVERS.add(argument);
        } else if (question.equals(UNLISTEN)) {
            RECEIVERS.remove(argument);
        }
        Function<Object, Object> requests = requests();
        if (requests == null) {
            return null;
        }
        try {
            return question.equals(ACTIVE) ? (Object) true : requests.apply(new Object[] {question, argument});
        } catch (RuntimeException | Error failed) {
            if (requests != requests()) {
                // it was detached meanwhile
                return null;
            }
            throw failed;
        }
    }

    /** Without a lock: the application's threads must not wait for a command, of which a detach may take a minute. */
    private static @Nullable Function<Object, Object> requests() {
        CoreLoader core = CORE.get();
        return core == null ? null : core.requests();
    }

    private static boolean javaIsNewEnough() {
        // "1.8" before Java 9, "9", "17", ... since
        String version = System.getProperty("java.specification.version", "0");
        int dot = version.indexOf('.');
        try {
            return dot < 0 && Integer.parseInt(version) >= OLDEST_JAVA;
        } catch (NumberFormatException unknown) {
            return false;
        }
    }

    /** Writes to the log of the agent that runs, wherever that is. */
    @SuppressWarnings("ReturnValueIgnored") // asked for its effect
    private static void warn(CoreLoader running, String what) {
        Function<Object, Object> requests = running.requests();
        if (requests == null) {
            say("WARN ", what);
        } else {
            requests.apply(new Object[] {WARN, what});
        }
    }

    /** Writes a line in the form of the log, which is not there. */
    private static void say(String level, String what) {
        System.err.println(time(System.currentTimeMillis()) + " " + level + " [socket-reaper] " + what);
    }

    /** UTC to the millisecond, e.g. {@code 2026-11-29T11:34:21.007Z}. It asks for no time zone, because the application may still set its own. */
    private static String time(long epochMillis) {
        String seconds =
                Instant.ofEpochSecond(Math.floorDiv(epochMillis, SECOND)).toString();
        String millis =
                Long.toString(SECOND + Math.floorMod(epochMillis, SECOND)).substring(1);
        return seconds.substring(0, seconds.length() - 1) + "." + millis + "Z";
    }
}
