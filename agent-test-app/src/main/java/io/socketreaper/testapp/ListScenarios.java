package io.socketreaper.testapp;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Names the scenarios, one line each. */
@Command(name = "list", description = "List the scenarios.")
final class ListScenarios implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        for (var scenario : Scenarios.ALL) {
            var kind = scenario.leaks() ? "leaking" : "well-behaved";
            var unsupported = scenario.supported() ? "" : " [not on this JVM: " + scenario.unsupportedBecause() + "]";
            out.printf("%-18s %-12s %s%s%n", scenario.name(), kind, scenario.summary(), unsupported);
        }
        return 0;
    }
}
