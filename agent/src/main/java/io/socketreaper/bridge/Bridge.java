package io.socketreaper.bridge;

import io.socketreaper.bootstrap.Agent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls the agent in this JVM. It finds the agent's entry class in the system class loader, where the JVM has put it: the calling class may
 * lie in the loader of a web application or of a fat jar, and would find another {@code Agent} there. Any thread.
 *
 * <p>A method throws a {@link RuntimeException} if the agent does.
 */
public final class Bridge {
    private static final String AGENT = "io.socketreaper.bootstrap.Agent";

    private static volatile @Nullable Method ask;

    private Bridge() {}

    /** Whether the agent is in this JVM, at work or paused. */
    public static boolean isActive() {
        return Boolean.TRUE.equals(ask(Agent.ACTIVE, null));
    }

    /** Whether the agent's entry class can be found; it keeps receivers until the agent comes. */
    public static boolean isThere() {
        return method() != null;
    }

    /** Has every leak handed to that receiver, as a {@link RecordMap} of {@code api.LeakReport}. */
    public static void listen(Consumer<Map<String, Object>> receiver) {
        ask(Agent.LISTEN, receiver);
    }

    /** Ends a {@link #listen}. */
    public static void unlisten(Consumer<Map<String, Object>> receiver) {
        ask(Agent.UNLISTEN, receiver);
    }

    /** Tells the agent that a test begins; returns whether it watches all sockets. */
    public static boolean beginTest() {
        return Boolean.TRUE.equals(ask(Agent.TEST, null));
    }

    /** Looks at the sockets of a span of time; null if the agent is not in this JVM. */
    public static Look.@Nullable Result look(Look look) {
        var result = (Map<?, ?>) ask(Agent.LOOK, RecordMap.of(look));
        return result == null ? null : RecordMap.to(Look.Result.class, result);
    }

    /** The names of questions are constants that the compiler copies: this class must not load the entry class itself. */
    private static @Nullable Object ask(String question, @Nullable Object argument) {
        Method method = method();
        if (method == null) {
            return null;
        }
        try {
            return method.invoke(null, question, argument);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException("Socket Reaper failed to answer", thrown.getCause());
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static @Nullable Method method() {
        Method known = ask;
        if (known == null) {
            try {
                known = ClassLoader.getSystemClassLoader()
                        .loadClass(AGENT)
                        .getMethod("ask", String.class, Object.class);
                ask = known;
            } catch (ReflectiveOperationException | LinkageError notThere) {
                // not yet, or an agent that is too old
                return null;
            }
        }
        return known;
    }
}
