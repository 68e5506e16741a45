package io.socketreaper.agent;

import java.io.File;
import java.io.RandomAccessFile;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;

/**
 * The door: named in the jar's manifest, called by the JVM for {@code -javaagent} and for an attach.
 *
 * <p>It is compiled for Java 8 and touches JDK types only, so that a JVM that is too old gets one clear line instead of a
 * stack trace. Its laws: catch everything (a premain that throws ends the JVM), initialise nothing on the application's
 * behalf, leave the application's class path alone. Everything else lives behind {@link CoreLoader}.
 */
public final class Agent {
    private static final int OLDEST_JAVA = 17;
    /** Begins what an attach passes to an agent that is there already, instead of settings. */
    private static final String COMMAND = "!";
    /** The command that brings the agent: a line of settings, then the command to answer once it is there. */
    private static final String ATTACH = "attach\n";
    /** Of the core that was started last; null before that. */
    private static CoreLoader core;

    private Agent() {
    }

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
            if (arguments != null && arguments.startsWith(COMMAND)) {
                command(arguments.substring(COMMAND.length()), instrumentation);
                return;
            }
            if (core != null) {
                say("is already in this JVM; its settings stay as they are, ignored: \""
                        + (arguments == null ? "" : arguments) + "\"");
                return;
            }
            if (!javaIsNewEnough()) {
                say("needs Java " + OLDEST_JAVA + " or newer, this is Java " + System.getProperty("java.version")
                        + "; it stays off and the application runs without it");
                return;
            }
            begin(arguments, instrumentation, attached);
        } catch (Throwable failure) {
            Throwable cause = failure instanceof ExceptionInInitializerError && failure.getCause() != null
                    ? failure.getCause() : failure;
            say("could not start and stays off; the application runs without it. Cause: " + cause);
        }
    }

    private static void begin(String arguments, Instrumentation instrumentation, boolean attached) throws Exception {
        File jar = new File(Agent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        CoreLoader started = new CoreLoader(jar, arguments, instrumentation, attached);
        try {
            started.startCore();
        } finally {
            if (started.isRunning()) {
                core = started;
            } else {
                started.close();
            }
        }
    }

    /**
     * Passes a command on and writes the answer into the file that its first line names, which must be there: whoever asks has made
     * it, for nobody else to read.
     */
    private static void command(String command, Instrumentation instrumentation) throws Exception {
        int end = command.indexOf('\n');
        String answer = answer(command.substring(end + 1), instrumentation);
        if (core != null && !core.isRunning()) {
            // it was detached
            core.close();
            core = null;
        }
        RandomAccessFile reply = new RandomAccessFile(new File(command.substring(0, end)), "rw");
        try {
            reply.setLength(0);
            reply.write(answer.getBytes(StandardCharsets.UTF_8));
        } finally {
            reply.close();
        }
    }

    private static String answer(String command, Instrumentation instrumentation) throws Exception {
        if (!command.startsWith(ATTACH)) {
            return core == null ? error("Socket Reaper is not in this JVM") : core.command(command);
        }
        if (core != null) {
            return error("Socket Reaper is in this JVM already; nothing was changed");
        }
        int end = command.indexOf('\n', ATTACH.length());
        begin(command.substring(ATTACH.length(), end), instrumentation, true);
        return core == null ? error("Socket Reaper could not start and stays off; the standard error of that JVM says why")
                : core.command(command.substring(end + 1));
    }

    private static String error(String what) {
        return "{\"error\":\"" + what + "\"}";
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

    private static void say(String what) {
        System.err.println("[socket-reaper] " + what);
    }
}
