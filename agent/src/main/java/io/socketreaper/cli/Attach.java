package io.socketreaper.cli;

import io.socketreaper.config.SettingsProblem;
import io.socketreaper.config.SettingsReader;
import io.socketreaper.control.AgentView;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.text.HumanText;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Parameters;

/** Brings the agent to a JVM that runs. */
@Command(
        name = "attach",
        description = {
            "Loads the agent into a running JVM, and says what that JVM has already lost.",
            "Nothing is loaded if a setting is wrong. What is not set is as the JVM's -Dsocketreaper.* properties and "
                    + "SOCKETREAPER_* variables"
                    + " say. Undone by: detach PID"
        })
final class Attach extends AgentCommand {
    private static final Duration EVERY = Duration.ofMillis(250);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(15);
    private static final long NOTHING_IN_USE = TimeUnit.SECONDS.toNanos(3);
    /** So often the same, and nothing else is expected. */
    private static final int SETTLED = 4;

    private static final int SOCKETS = 1000;
    private static final String VARIABLES = "SOCKETREAPER_";

    @Parameters(
            index = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Settings, see docs/configuration.md; without " + "any, leaks are only" + " reported.")
    private List<String> settings = List.of();

    @Override
    Set<ExitCode> exits() {
        var exits = super.exits();
        exits.remove(ExitCode.NO_AGENT);
        return exits;
    }

    @Override
    ExitCode run() throws InterruptedException {
        process();
        String arguments = joined(settings);
        check(arguments, null);
        try (var client = AgentClient.connect(proc(), pid(), makeRoom())) {
            if (client.agentState() != null) {
                throw new CliException(
                        ExitCode.REFUSED,
                        "Socket Reaper is in process " + pid() + " already (" + client.agentState()
                                + "); nothing was changed. See: status " + pid() + ", set " + pid() + " KEY=VALUE");
            }
            check(arguments, client);
            if (client.warns()) {
                err().println("Java " + client.feature() + " warns on the standard error of process " + pid()
                        + " that an agent is loaded:"
                        + " four lines now, and again for each later command. -XX:+EnableDynamicAgentLoading at its start "
                        + "hides them.");
            }
            try (var stream = client.attach(arguments, EVERY, SOCKETS)) {
                var view = settled(stream);
                print(client, view);
                // What could not be seen from here.
                return view.status().observesOnly() ? ExitCode.REFUSED : ExitCode.DONE;
            }
        }
    }

    /** Everything that is wrong, at once, as far as we can see what that JVM will. */
    private void check(String arguments, @Nullable AgentClient client) {
        var problems = new StringJoiner("\n");
        var found = client == null
                ? SettingsReader.check(arguments, null, null, file -> null)
                : SettingsReader.check(
                        arguments,
                        client.properties(),
                        proc().process(pid()).variables(VARIABLES),
                        client.files()::seenByIt);
        for (SettingsProblem problem : found) {
            problems.add(problem.text());
        }
        if (problems.length() > 0) {
            throw new CliException(ExitCode.USAGE, problems.toString());
        }
    }

    /** Once what the application uses is watched. */
    private static AgentView settled(AnswerStream stream) throws InterruptedException {
        long begin = System.nanoTime();
        var view = stream.next();
        for (int same = 0; same < SETTLED && System.nanoTime() - begin < PATIENCE; ) {
            var next = stream.next();
            boolean any = next.status().stacks().stream()
                    .anyMatch(stack -> !stack.state().equals("waiting"));
            same = next.status().stacks().equals(view.status().stacks())
                            && next.status().suspects() == view.status().suspects()
                            && (any || System.nanoTime() - begin > NOTHING_IN_USE)
                    ? same + 1
                    : 0;
            view = next;
        }
        return view;
    }

    private void print(AgentClient client, AgentView view) {
        if (json()) {
            printJson(view);
            return;
        }
        Status status = view.status();
        out().println(styled("attached to process " + pid(), Style.bold) + ": Socket Reaper " + status.version()
                + ", Java " + client.feature());
        line("settings", ShowStatus.settings(status));
        for (String problem : status.problems()) {
            line("problem", problem);
        }
        printStacks(status);
        line("descriptors", used(status.open(), status.limit()) + ": " + census(status));
        line("lost already", lost(status));
        line("suspects", suspects(view));
        out().println();
        if (!client.files().jar().here().equals(client.files().ownJar())) {
            line(
                    "the jar",
                    "was copied to " + client.files().jar().there()
                            + " of that process, which needs it there; detach removes it");
        }
        line(
                "next",
                "sites " + pid() + "  names the lines of code, once what is lost now or from now on has been idle for "
                        + status.setting(status.underPressure() ? "pressure.timeout" : "timeout", "?"));
        line("", "set " + pid() + " action=drain  frees what is found");
        line("undo", "detach " + pid());
    }

    private static String lost(Status status) {
        int finished = status.count(DescriptorKind.FINISHED);
        int untracked = status.count(DescriptorKind.UNTRACKED);
        return finished == 0
                ? "no socket that is finished is held"
                : HumanText.count(finished, "socket is", "sockets are")
                        + " finished and still held"
                        + (untracked == 0
                                ? ""
                                : "; " + untracked
                                        + " of them the agent has not met: nobody but"
                                        + " whoever holds them can close them");
    }

    static String suspects(AgentView view) {
        var kinds = new TreeMap<String, Integer>();
        for (SocketInfo socket : view.sockets()) {
            kinds.merge(socket.kind().isEmpty() ? "not looked at yet" : socket.kind(), 1, Integer::sum);
        }
        int suspects = view.status().suspects();
        var byKind = new StringJoiner(", ", suspects > SOCKETS ? " (of the " + SOCKETS + " longest idle " : " (", ")")
                .setEmptyValue("");
        kinds.forEach((kind, count) -> byKind.add(count + " " + kind));
        return suspects + byKind.toString();
    }
}
