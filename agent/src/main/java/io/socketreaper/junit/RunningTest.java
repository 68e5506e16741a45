package io.socketreaper.junit;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * One test from before to after, and which others ran meanwhile: if tests run at the same time, a socket belongs to the one
 * that the stack of its opening names.
 */
final class RunningTest implements Predicate<StackTraceElement[]> {
    private static final Set<RunningTest> RUNNING = ConcurrentHashMap.newKeySet();

    private final Set<String> classes = new HashSet<>();
    private final String method;
    private final Set<RunningTest> meanwhile = ConcurrentHashMap.newKeySet();
    private final long from = System.nanoTime();
    private long to;

    private RunningTest(Class<?> testClass, String method) {
        this.method = method;
        for (Class<?> type = testClass; type != null && type != Object.class; type = type.getSuperclass()) {
            for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
                classes.add(outer.getName());
            }
        }
    }

    /** A test begins, on its own thread. */
    static RunningTest begin(Class<?> testClass, String method) {
        var test = new RunningTest(testClass, method);
        RUNNING.add(test);
        for (RunningTest other : RUNNING) {
            if (other != test) {
                other.meanwhile.add(test);
                test.meanwhile.add(other);
            }
        }
        return test;
    }

    /** It has come to its end. */
    void end() {
        to = System.nanoTime();
        RUNNING.remove(this);
    }

    /** Nano time of the beginning. */
    long from() {
        return from;
    }

    /** Nano time of the end. */
    long to() {
        return to;
    }

    /**
     * Whether a socket that was opened with that stack, while tests run at the same time, is this test's: its method is in
     * it, or, as of {@code @BeforeEach}, its class while no other test of that class ran. Any thread.
     */
    @Override
    public boolean test(StackTraceElement[] stack) {
        String named = null;
        for (StackTraceElement frame : stack) {
            String type = withoutAnonymous(frame.getClassName());
            if (classes.contains(type)) {
                if (isOf(frame, method)) {
                    return meanwhile.stream()
                            .noneMatch(other -> other.method.equals(method) && other.classes.contains(type));
                }
                named = type;
            }
        }
        String outermost = named;
        return named != null && meanwhile.stream().noneMatch(other -> other.classes.contains(outermost));
    }

    /** An anonymous or local class, or one of a lambda, belongs to the one around it. */
    private static String withoutAnonymous(String type) {
        String name = type;
        for (int at = name.indexOf('$'); at > 0; at = name.indexOf('$', at + 1)) {
            if (at + 1 < name.length() && (Character.isDigit(name.charAt(at + 1)) || name.charAt(at + 1) == '$')) {
                return name.substring(0, at);
            }
        }
        return name;
    }

    private static boolean isOf(StackTraceElement frame, String method) {
        return frame.getMethodName().equals(method) || frame.getMethodName().startsWith("lambda$" + method + "$");
    }
}
