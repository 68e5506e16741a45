package io.socketreaper.agent;

import java.io.File;
import java.lang.instrument.Instrumentation;

/**
 * The door: named in the jar's manifest, called by the JVM for {@code -javaagent} and for an attach.
 *
 * <p>It is compiled for Java 8 and touches JDK types only, so that a JVM that is too old gets one clear line instead of a
 * stack trace. Its laws: catch everything (a premain that throws ends the JVM), initialise nothing on the application's
 * behalf, leave the application's class path alone. Everything else lives behind {@link CoreLoader}.
 */
public final class Agent {
    private static final int OLDEST_JAVA = 17;
    private static boolean started;

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
            if (started) {
                say("is already in this JVM; its settings stay as they are, ignored: \""
                        + (arguments == null ? "" : arguments) + "\"");
                return;
            }
            if (!javaIsNewEnough()) {
                say("needs Java " + OLDEST_JAVA + " or newer, this is Java " + System.getProperty("java.version")
                        + "; it stays off and the application runs without it");
                return;
            }
            started = true;
            File jar = new File(Agent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            new CoreLoader(jar, arguments, instrumentation, attached).startCore();
        } catch (Throwable failure) {
            Throwable cause = failure instanceof ExceptionInInitializerError && failure.getCause() != null
                    ? failure.getCause() : failure;
            say("could not start and stays off; the application runs without it. Cause: " + cause);
        }
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
