package io.socketreaper.bridge;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * Finds the agent where the JVM has put it, in the system class loader: the class that asks may lie in the loader of a web
 * application or of a fat jar, and would find another {@code Agent} there. Any thread.
 */
public final class Bridge {
    private static final String AGENT = "io.socketreaper.bootstrap.Agent";

    private static volatile Method ask;

    private Bridge() {}

    /** Whether the agent is in this JVM, at work or paused. */
    public static boolean isActive() {
        return Boolean.TRUE.equals(ask("active", null));
    }

    /** Whether the agent's entry class can be found, so that what is told it is kept until the agent comes. */
    public static boolean isThere() {
        return method() != null;
    }

    /**
     * Asks the agent.
     *
     * @return null if it is not in this JVM, or does not know the question
     * @throws RuntimeException what the agent throws
     */
    public static Object ask(String question, Object argument) {
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

    private static Method method() {
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
