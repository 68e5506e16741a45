package io.socketreaper.junit;

import io.socketreaper.bridge.Bridge;
import io.socketreaper.bridge.Look;
import io.socketreaper.junit.NoSocketLeaks.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.AnnotationSupport;

/** What stands behind {@link NoSocketLeaks}. Any thread that runs tests. */
final class NoSocketLeaksExtension implements BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(NoSocketLeaksExtension.class);
    private static final String PARALLEL = "junit.jupiter.execution.parallel.enabled";
    private static final long LONGEST_TIMEOUT = TimeUnit.HOURS.toMillis(1);
    private static final long GRACE_MILLIS = 2000;
    private static final long LOOK_AGAIN_MILLIS = 20;

    NoSocketLeaksExtension() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        if (!SelfAttach.isActive()) {
            return;
        }
        if (!Bridge.beginTest()) {
            throw new IllegalStateException("@NoSocketLeaks needs an agent that watches all sockets, the one in this "
                    + "JVM watches those that are half-closed: start it with track=all");
        }
        context.getStore(NAMESPACE)
                .put(
                        RunningTest.class,
                        RunningTest.begin(
                                context.getRequiredTestClass(),
                                context.getRequiredTestMethod().getName()));
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        RunningTest test = context.getStore(NAMESPACE).remove(RunningTest.class, RunningTest.class);
        if (test == null) {
            return;
        }
        test.end();
        if (context.getExecutionException().isPresent()) {
            // It has failed already, perhaps before it could close anything.
            return;
        }
        boolean parallel =
                context.getConfigurationParameter(PARALLEL, Boolean::valueOf).orElse(false);
        List<String> lost = lost(test, annotation(context), parallel);
        if (!lost.isEmpty()) {
            throw new AssertionError(message(lost));
        }
    }

    private static NoSocketLeaks annotation(ExtensionContext context) {
        Optional<NoSocketLeaks> found =
                AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), NoSocketLeaks.class);
        Class<?> type = context.getRequiredTestClass();
        while (found.isEmpty() && type != null) {
            found = AnnotationSupport.findAnnotation(type, NoSocketLeaks.class);
            type = type.getEnclosingClass();
        }
        NoSocketLeaks annotation = found.orElseThrow(() -> new IllegalStateException(
                "@NoSocketLeaks was not found on " + context.getRequiredTestMethod() + " nor around it"));
        if (annotation.timeoutMillis() < 1 || annotation.timeoutMillis() > LONGEST_TIMEOUT) {
            throw new IllegalArgumentException("bad timeoutMillis=" + annotation.timeoutMillis()
                    + " of @NoSocketLeaks: write 1 to "
                    + LONGEST_TIMEOUT);
        }
        return annotation;
    }

    /** Looks until the lost sockets are known; returns at once if no socket of the test is open. */
    private static List<String> lost(RunningTest test, NoSocketLeaks annotation, boolean parallel)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(annotation.timeoutMillis() + GRACE_MILLIS);
        Set<String> kinds = new HashSet<>();
        for (Kind kind : annotation.kinds()) {
            kinds.add(kind.toString());
        }
        var look = new Look(null, test.from(), test.to(), annotation.timeoutMillis(), kinds, parallel ? test : null);
        Look.Result seen = look(look);
        while (seen.open() > 0 && seen.preparing() > 0 && deadline - System.nanoTime() > 0) {
            Thread.sleep(LOOK_AGAIN_MILLIS);
            seen = look(look.after(seen));
        }
        if (seen.open() > 0 && kinds.contains(Kind.UNREACHABLE.toString())) {
            System.gc();
            seen = look(look.after(seen));
        }
        while (seen.waiting() > 0 && deadline - System.nanoTime() > 0) {
            Thread.sleep(LOOK_AGAIN_MILLIS);
            seen = look(look.after(seen));
        }
        return seen.lost();
    }

    private static Look.Result look(Look look) {
        Look.Result seen = Bridge.look(look);
        if (seen == null) {
            throw new IllegalStateException(
                    "Socket Reaper was detached during the test; whether the test lost sockets is unknown");
        }
        return seen;
    }

    private static String message(List<String> lost) {
        var message = new StringBuilder(
                lost.size() == 1
                        ? "a socket that this test has opened is lost"
                        : lost.size() + " sockets that this test has opened are lost");
        for (String report : lost) {
            message.append("\n\n").append(report);
        }
        return message.append('\n').toString();
    }
}
