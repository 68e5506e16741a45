package io.socketreaper.junit;

import io.socketreaper.bridge.Bridge;
import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import net.bytebuddy.agent.ByteBuddyAgent;
import org.jspecify.annotations.Nullable;

/** Brings the agent into this JVM, once, by way of a child process: a JVM may not attach to itself. Any thread. */
final class SelfAttach {
    /** With this timeout the agent itself reports no leak during a test: the extension judges, and reports once. */
    private static final String ARGUMENTS = "track=all,action=log,timeout=24h";

    private static final String ENTRY = "/io/socketreaper/bootstrap/Agent.class";

    private static @Nullable Refused refused;
    private static boolean tried;

    /** The agent cannot come; the message says why and what to do. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private SelfAttach() {}

    /**
     * Returns true if the agent is in this JVM now, false if it does not know this operating system.
     *
     * @throws Refused if the JVM does not let it in; the same again at every call, without another try
     */
    @SuppressWarnings("StaticAssignmentOfThrowable") // the same at every call, as documented
    static synchronized boolean isActive() {
        if (Bridge.isActive()) {
            return true;
        }
        if (!System.getProperty("os.name", "").equals("Linux")) {
            if (!tried) {
                System.err.println("[socket-reaper] needs Linux, this is " + System.getProperty("os.name")
                        + ": @NoSocketLeaks does not check on this system");
            }
            tried = true;
            return false;
        }
        if (refused == null) {
            refused = attach();
        }
        if (refused != null) {
            throw refused;
        }
        return true;
    }

    private static @Nullable Refused attach() {
        File jar = jar();
        if (jar == null || !jar.isFile()) {
            return new Refused(
                    "@NoSocketLeaks needs the agent, and there is no socket-reaper.jar on the test class path: add it (artifact "
                            + "io.socketreaper:socket-reaper), or start the tests' JVM with "
                            + "-javaagent:/path/to/socket-reaper.jar=track=all",
                    null);
        }
        try {
            ByteBuddyAgent.attach(jar, Long.toString(ProcessHandle.current().pid()), ARGUMENTS);
        } catch (RuntimeException | LinkageError failed) {
            return refused(jar, failed);
        }
        return Bridge.isActive() ? null : refused(jar, null);
    }

    private static Refused refused(File jar, @Nullable Throwable cause) {
        return new Refused(
                "@NoSocketLeaks could not attach Socket Reaper to the tests' JVM"
                        + (cause == null ? "; the reason is in the agent's output on standard error" : ": " + cause)
                        + ". Either allow the attach, with -XX:+EnableDynamicAgentLoading and without -XX:+DisableAttachMechanism; "
                        + "or start that JVM with -javaagent:" + jar
                        + "=track=all (Maven Surefire: <argLine>, Gradle: jvmArgs); then no attach is needed",
                cause);
    }

    /** The jar with the agent's entry class. This class may be in another one, that of the API. Null if there is none. */
    private static @Nullable File jar() {
        URL entry = SelfAttach.class.getResource(ENTRY);
        try {
            return entry != null && entry.openConnection() instanceof JarURLConnection inJar
                    ? new File(inJar.getJarFileURL().toURI())
                    : null;
        } catch (IOException | URISyntaxException | IllegalArgumentException noFile) {
            return null;
        }
    }
}
