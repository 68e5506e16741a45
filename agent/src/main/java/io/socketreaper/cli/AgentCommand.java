package io.socketreaper.cli;

import io.socketreaper.config.SettingsReader;
import io.socketreaper.control.Request;
import io.socketreaper.control.Status;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** A command for the agent in a JVM. */
abstract class AgentCommand extends PidCommand {

    static final String MAKE_ROOM =
            "If that JVM has no descriptor left for its answer: raise its limit with prlimit while this"
                    + " command runs. To raise it beyond the hard limit takes root.";

    @Option(names = "--make-room", description = MAKE_ROOM)
    private boolean makeRoom;

    @Override
    Set<ExitCode> exits() {
        var exits = super.exits();
        exits.add(ExitCode.NO_AGENT);
        exits.add(ExitCode.REFUSED);
        return exits;
    }

    /**
     * Prints what was done.
     *
     * @param done one word, for programs
     * @param said a sentence, for people
     */
    final void done(String done, String said) {
        if (json()) {
            printJson(new Done(pid(), done, said));
        } else {
            out().println(PrintableText.block(said));
        }
    }

    private record Done(long pid, String done, String said) {}

    final boolean makeRoom() {
        return makeRoom;
    }

    /** The JVM, with the agent in it. */
    final AgentClient open() {
        return AgentClient.open(proc(), pid(), makeRoom);
    }

    /** Prints the agent's answer, as JSON or in words. */
    final <R> ExitCode show(Request<R> request, Consumer<R> inWords) {
        return show(request, inWords, answer -> answer);
    }

    /**
     * The same.
     *
     * @param asJson makes from the answer what is printed as JSON
     */
    final <R> ExitCode show(Request<R> request, Consumer<R> inWords, Function<R, Object> asJson) {
        try (var client = open()) {
            R answer = client.ask(request);
            if (json()) {
                printJson(asJson.apply(answer));
            } else {
                inWords.accept(answer);
            }
        }
        return ExitCode.DONE;
    }

    /**
     * Has the agent do something, and prints that it is {@link #done}.
     *
     * @param said makes the sentence from the agent's answer
     */
    final <R> ExitCode tell(Request<R> request, String done, Function<R, String> said) {
        try (var client = open()) {
            done(done, said.apply(client.ask(request)));
        }
        return ExitCode.DONE;
    }

    /** Settings as an attach takes them. */
    static String joined(List<String> settings) {
        var joined = new StringJoiner(",");
        for (String setting : settings) {
            if (setting.indexOf('\n') >= 0) {
                throw new CliException(ExitCode.USAGE, "a value must be on one line");
            }
            List<String> several = SettingsReader.separatedByCommas(setting);
            if (several != null) {
                throw new CliException(
                        ExitCode.USAGE, "separate settings with spaces, not with commas: " + String.join(" ", several));
            }
            // A blank after a backslash at the end keeps the separator from being escaped; blanks around a setting are
            // ignored.
            joined.add(setting.replace(",", "\\,") + (setting.endsWith("\\") ? " " : ""));
        }
        return joined.toString();
    }

    /** E.g. {@code 3 min 10 s}. */
    static String time(long millis) {
        return HumanText.longDuration(Math.max(0, TimeUnit.MILLISECONDS.toSeconds(millis)));
    }

    /** E.g. {@code 297 of 300 (99 %)}. */
    static String used(int open, long limit) {
        return open < 0
                ? "unknown"
                : limit <= 0
                        ? Integer.toString(open)
                        : open + " of " + limit + " (" + HumanText.percent(open, limit) + " %)";
    }

    /** The open descriptors of a JVM by kind, without the kinds of which there are none. */
    static String census(Status status) {
        var census = new StringJoiner(", ");
        status.descriptors().forEach((kind, count) -> {
            DescriptorKind known = DescriptorKind.named(kind);
            if (count > 0 && (known == null || !known.isPartOfAnother())) {
                census.add(kind.replace('_', ' ') + " " + count);
            }
        });
        return census.toString();
    }

    /** Prints what the agent does not watch and may be lost; no line if there is none of it. */
    final void printUnwatched(Status status) {
        String name = "not watched";
        for (String text : unwatched(status)) {
            line(name, text);
            name = "";
        }
        if (name.isEmpty()) {
            line(name, "holders " + pid() + "  shows which objects and fields keep them");
        }
    }

    /** What the agent does not watch and may be lost, a sentence for each state. */
    static List<String> unwatched(Status status) {
        var said = new ArrayList<String>();
        int closeWait = status.count(DescriptorKind.UNWATCHED_CLOSE_WAIT);
        if (closeWait > 0) {
            said.add(HumanText.count(closeWait, "socket", "sockets")
                    + " in CLOSE_WAIT: the peer has closed, the application has not; " + whyUnwatched(status));
        }
        int finWait = status.count(DescriptorKind.UNWATCHED_FIN_WAIT);
        if (finWait > 0) {
            said.add(HumanText.count(finWait, "socket", "sockets")
                    + " in FIN_WAIT: the application has half-closed, and has not closed; "
                    + (status.attached()
                            ? "half-closed before the agent came, and in no selector"
                            : "half-closed in a way that the agent does not see"));
        }
        int untracked = status.count(DescriptorKind.UNTRACKED);
        if (untracked > 0) {
            said.add(HumanText.count(untracked, "socket that is", "sockets that are")
                    + " finished and still held: only the code that holds them can close them");
        }
        return said;
    }

    /** Says until when the agent watches suspects that are no leaks yet, and which command shows them. */
    final String watched(Status status) {
        String timeout = status.underPressure() ? "pressure.timeout" : "timeout";
        return (status.suspects() == 1
                        ? "1 socket shows a sign of a leak and is watched until it was idle for its timeout ("
                        : status.suspects()
                                + " sockets show a sign of a leak and are watched until they were idle for their timeout (")
                + timeout + "=" + status.setting(timeout, "?") + "): sockets " + pid() + " shows "
                + (status.suspects() == 1 ? "it" : "them") + " and the line of code";
    }

    private static String whyUnwatched(Status status) {
        return status.tracksAll()
                ? "opened before the agent came, and in no selector"
                : "track=half-closed does not watch these; for the next ones: set " + status.pid() + " track=all";
    }

    /** Prints the socket stacks of a JVM by state: watched, waiting, off. */
    final void printStacks(Status status) {
        for (String state : List.of("watched", "waiting", "off")) {
            var names = new StringJoiner(", ");
            var reasons = new StringJoiner(", ");
            for (var stack : status.stacks()) {
                if (stack.state().equals(state)) {
                    if (stack.why().isEmpty()) {
                        names.add(stack.name());
                    } else {
                        reasons.add(stack.name() + " (" + stack.why() + ")");
                    }
                }
            }
            if (reasons.length() > 0) {
                line(state, reasons.toString());
            }
            if (names.length() > 0) {
                line(state, names + (state.equals("waiting") ? " (until the application uses it)" : ""));
            }
        }
    }

    final void line(String name, String text) {
        out().printf("%-13s %s%n", name, PrintableText.block(text));
    }
}
