package io.socketreaper.cli;

import io.socketreaper.config.SettingsReader;
import io.socketreaper.control.AgentView;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.text.HumanText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Parameters;

/** Attaches the agent to a running JVM. */
@Command(
        name = "attach",
        description = {
            "Loads the agent into a running JVM, and shows which sockets that JVM has already lost.",
            "The agent is not loaded if a setting is wrong. Other settings come from the JVM's -Dsocketreaper.* properties and "
                    + "SOCKETREAPER_* variables"
                    + ". To undo it: detach PID"
        })
final class Attach extends AgentCommand {
    private static final Duration EVERY = Duration.ofMillis(250);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(15);
    private static final long NOTHING_IN_USE = TimeUnit.SECONDS.toNanos(3);
    /** After this time without a change none is expected. The descriptors are counted once a second. */
    private static final long SETTLED = TimeUnit.MILLISECONDS.toNanos(1250);

    private static final int SOCKETS = 1000;
    private static final String VARIABLES = "SOCKETREAPER_";

    @Parameters(
            index = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Settings, see docs/configuration.md; without any, leaks are only reported.")
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
                                + "); its settings were not changed. See: status " + pid() + ", set " + pid()
                                + " KEY=VALUE");
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
                // A problem that this process could not see before the attach.
                return view.status().observesOnly() ? ExitCode.REFUSED : ExitCode.DONE;
            }
        }
    }

    /** Reports all problems of the settings at once, as far as this process can read what that JVM will read. */
    private void check(String arguments, @Nullable AgentClient client) {
        List<String> problems = client == null
                ? SettingsReader.check(arguments, null, null, file -> null)
                : SettingsReader.check(
                        arguments,
                        client.properties(),
                        proc().process(pid()).variables(VARIABLES),
                        client.files()::seenByIt);
        if (!problems.isEmpty()) {
            throw new CliException(ExitCode.USAGE, String.join("\n", problems));
        }
    }

    /** Once what the application uses is watched. */
    private static AgentView settled(AnswerStream stream) throws InterruptedException {
        long begin = System.nanoTime();
        var view = stream.next();
        long changed = System.nanoTime();
        while (System.nanoTime() - changed < SETTLED && System.nanoTime() - begin < PATIENCE) {
            var next = stream.next();
            boolean any = next.status().stacks().stream()
                    .anyMatch(stack -> !stack.state().equals("waiting"));
            boolean same = next.status().stacks().equals(view.status().stacks())
                    && next.status().suspects() == view.status().suspects()
                    && (any || System.nanoTime() - begin > NOTHING_IN_USE);
            changed = same ? changed : System.nanoTime();
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
        printUnwatched(status);
        line("suspects", suspects(view));
        out().println();
        if (!client.files().jar().here().equals(client.files().ownJar())) {
            line(
                    "the jar",
                    "was copied to " + client.files().jar().there() + " of that process; detach removes the copy");
        }
        String name = "next";
        for (String step : next(status)) {
            line(name, step);
            name = "";
        }
        line("undo", "detach " + pid());
    }

    /** The commands that lead on. A socket that is not watched never gets a line of code. */
    static List<String> next(Status status) {
        long pid = status.pid();
        if (status.suspects() == 0 && !unwatched(status).isEmpty()) {
            return List.of(
                    "holders " + pid + "  finds in a heap dump what keeps the sockets that are not watched",
                    "sites " + pid
                            + "  shows the lines of code of later leaks; to see those of all leaks, restart with -javaagent");
        }
        var next = new ArrayList<String>();
        next.add("sites " + pid + "  shows the lines of code, as soon as the lost sockets have been idle for "
                + status.setting(status.underPressure() ? "pressure.timeout" : "timeout", "?"));
        if (status.setting("action", "log").equals("log")) {
            next.add("set " + pid + " action=drain  releases the leaks that are found");
        }
        return next;
    }

    /** A channel that is just being closed is finished, too: it is neither a suspect nor unwatched for long. */
    static String lost(Status status) {
        int finished = Math.min(
                status.count(DescriptorKind.FINISHED), status.count(DescriptorKind.UNTRACKED) + status.suspects());
        return finished == 0
                ? "no socket that is finished is held"
                : HumanText.count(finished, "socket is", "sockets are") + " finished and still held";
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
