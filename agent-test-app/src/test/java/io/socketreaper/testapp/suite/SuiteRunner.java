package io.socketreaper.testapp.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs test classes in a child JVM and says one line for each test: its name, its verdict, its time, and why it failed; then
 * what tests took.
 */
public final class SuiteRunner implements TestExecutionListener {
    private final ThreadLocal<Long> begun = new ThreadLocal<>();

    private final Map<String, List<Long>> times = new ConcurrentHashMap<>();

    private SuiteRunner() {}

    /** @param arguments names of test classes, and {@code key=value} for configuration parameters */
    public static void main(String[] arguments) {
        var request = LauncherDiscoveryRequestBuilder.request();
        for (var argument : arguments) {
            var parts = argument.split("=");
            if (parts.length == 1) {
                request.selectors(DiscoverySelectors.selectClass(argument));
            } else {
                request.configurationParameter(parts[0], parts[1]);
            }
        }
        var runner = new SuiteRunner();
        LauncherFactory.create().execute(request.build(), runner);
        runner.times.forEach((name, times) -> {
            var sorted = times.stream().skip(times.size() / 3).sorted().toList();
            System.out.println("cost " + name + ": first " + times.get(0) + " us, then median "
                    + sorted.get(sorted.size() / 2)
                    + " us, 99 % below " + sorted.get(sorted.size() * 99 / 100) + " us");
        });
        System.out.println("suite over");
        System.exit(0);
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        begun.set(System.nanoTime());
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            long micros = (System.nanoTime() - begun.get()) / 1000;
            times.computeIfAbsent(
                            ((MethodSource) test.getSource().orElseThrow())
                                    .getJavaClass()
                                    .getSimpleName(),
                            name -> new ArrayList<>())
                    .add(micros);
            var why = result.getThrowable().map(Throwable::toString).orElse("").replace("\n", "\\n");
            System.out.println(
                    "test " + test.getLegacyReportingName().replaceAll("\\(.*", "") + " " + result.getStatus()
                            + " "
                            + micros + " us " + why);
        } else {
            result.getThrowable().ifPresent(Throwable::printStackTrace);
        }
    }
}
