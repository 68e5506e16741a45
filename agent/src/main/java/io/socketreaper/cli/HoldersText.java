package io.socketreaper.cli;

import io.socketreaper.cli.HoldersAnswer.Group;
import io.socketreaper.cli.HoldersAnswer.Socket;
import io.socketreaper.control.HoldersNote;
import io.socketreaper.heap.Holder;
import io.socketreaper.text.HumanText;
import io.socketreaper.text.PrintableText;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Prints who holds sockets, in the form of LeakCanary's leak traces. */
final class HoldersText {
    private static final int DESCRIPTORS = 8;
    /** Holders of one path that are shown; of a longer one the middle is left out. */
    private static final int LONGEST = 40;

    private final PrintWriter out;
    private final Lines lines;

    /** What a trace is drawn with. */
    private enum Lines {
        UNICODE("┬───", "│ ", "├─ ", "│    ↓ ", "╰→ "),
        ASCII("+---", "| ", "+- ", "|    v ", "`> ");

        private final String head;
        private final String bar;
        private final String branch;
        private final String down;
        private final String end;

        Lines(String head, String bar, String branch, String down, String end) {
            this.head = head;
            this.bar = bar;
            this.branch = branch;
            this.down = down;
            this.end = end;
        }
    }

    HoldersText(PrintWriter out) {
        this.out = out;
        this.lines = isUnicode() ? Lines.UNICODE : Lines.ASCII;
    }

    /** Whether standard output can show the characters; {@code stdout.encoding} is there since JDK 19. */
    private static boolean isUnicode() {
        String name = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
        try {
            var charset = name == null ? Charset.defaultCharset() : Charset.forName(name);
            return charset.newEncoder().canEncode('├') && charset.newEncoder().canEncode('╰');
        } catch (IllegalArgumentException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    void print(HoldersAnswer answer) {
        out.println(HumanText.count(answer.count(), "socket", "sockets") + " in a heap dump of " + answer.objects()
                + " objects: " + HumanText.count(answer.groups().size(), "kind of holder", "kinds of holders"));
        answer.groups().forEach(this::print);
        for (String remark : remarks(answer)) {
            out.println();
            out.println(remark);
        }
        if (answer.dump() != null) {
            out.println();
            out.println("The dump is " + PrintableText.block(answer.dump()));
        }
    }

    /** On the sockets that no path leads to. */
    private static List<String> remarks(HoldersAnswer answer) {
        var remarks = new ArrayList<String>();
        if (!answer.unreachable().isEmpty()) {
            remarks.add(summary(answer.unreachable())
                    + ": held by no strong reference: unreachable. A garbage collection, or the end of a soft reference, "
                    + "may free the descriptors");
        }
        var unix = answer.noObject().stream().filter(HoldersText::isUnix).toList();
        var others =
                answer.noObject().stream().filter(socket -> !isUnix(socket)).toList();
        if (!others.isEmpty()) {
            remarks.add(
                    summary(others) + ": no object of the heap has the descriptor. The object was collected without a"
                            + " close, or native code opened it");
        }
        if (!unix.isEmpty()) {
            remarks.add(summary(unix)
                    + ": no object of the heap has the descriptor. The JVM has such sockets of its own: its"
                    + " attach listener, the connection of this command, and one by which it closes other sockets");
        }
        return remarks;
    }

    /** The kernel's word for the family stands for the type where there is no object. */
    private static boolean isUnix(Socket socket) {
        return "unix".equals(socket.type());
    }

    private void print(Group group) {
        out.println();
        out.println(summary(group.sockets()));
        trace(group, lines).forEach(line -> out.println("  " + line));
    }

    private static List<String> trace(Group group, Lines lines) {
        var trace = new ArrayList<>(List.of(lines.head, lines.bar + "GC root: " + PrintableText.line(group.root())));
        List<Holder> holders = group.holders();
        for (int i = 0; i < holders.size(); i++) {
            boolean skipped = holders.size() > LONGEST && i >= LONGEST / 2 && i < holders.size() - LONGEST / 2;
            if (!skipped) {
                trace.add(lines.branch + PrintableText.line(holders.get(i).className()));
                trace.add(lines.down + PrintableText.line(holders.get(i).field()));
            } else if (i == LONGEST / 2) {
                trace.add(lines.branch + "... " + (holders.size() - LONGEST) + " more");
            }
        }
        trace.add(lines.end + PrintableText.line(group.end()));
        return trace;
    }

    /** The same for page and report, as large as an agent keeps it. */
    static HoldersNote note(HoldersAnswer answer) {
        var groups = new ArrayList<HoldersNote.Group>();
        for (Group group : answer.groups()) {
            var first = group.sockets().get(0);
            groups.add(new HoldersNote.Group(
                    group.count(),
                    types(group.sockets()),
                    tellingField(group),
                    Objects.requireNonNullElse(first.local(), ""),
                    Objects.requireNonNullElse(first.remote(), ""),
                    trace(group, Lines.UNICODE)));
        }
        return new HoldersNote(
                        answer.pid() == null ? 0 : answer.pid(), answer.madeMillis(), groups, remarksOfNote(answer))
                .fitting();
    }

    /** The field of the first class that is not the JDK's, else of the first class; the root if there is no class. */
    private static String tellingField(Group group) {
        return group.holders().stream()
                .filter(Holder::isApplication)
                .findFirst()
                .or(() -> group.holders().stream().findFirst())
                .map(Holder::field)
                .orElse(group.root());
    }

    private static List<String> remarksOfNote(HoldersAnswer answer) {
        var remarks = new ArrayList<String>();
        if (!answer.unreachable().isEmpty()) {
            remarks.add(types(answer.unreachable()) + ": held by no strong reference, so unreachable.");
        }
        if (!answer.noObject().isEmpty()) {
            remarks.add(types(answer.noObject()) + ": no object of the heap has the descriptor.");
        }
        return remarks;
    }

    /** E.g. {@code 40 sockets (Socket, CLOSE_WAIT 40), descriptors 5, 6 and 38 more; local *:80, remote 10.0.0.1:80}. */
    private static String summary(List<Socket> sockets) {
        var first = sockets.get(0);
        return types(sockets)
                + (first.local() == null && first.remote() == null
                        ? ""
                        : "; " + (sockets.size() == 1 ? "" : "the first ") + known(first.local()) + " - "
                                + known(first.remote()));
    }

    /** The same without addresses. */
    private static String types(List<Socket> sockets) {
        var kinds = new TreeMap<String, Integer>();
        var descriptors = new StringJoiner(", ");
        for (int i = 0; i < sockets.size(); i++) {
            var socket = sockets.get(i);
            String type = socket.type() == null ? "socket" : socket.type();
            kinds.merge(socket.state() == null ? type : type + " in " + socket.state(), 1, Integer::sum);
            if (i < DESCRIPTORS) {
                descriptors.add(Integer.toString(socket.descriptor()));
            }
        }
        var named = new StringJoiner(", ");
        kinds.forEach((kind, count) -> named.add(kinds.size() == 1 ? kind : count + " " + kind));
        return HumanText.count(sockets.size(), "socket", "sockets") + ": " + named + "; descriptor "
                + descriptors
                + (sockets.size() > DESCRIPTORS ? " and " + (sockets.size() - DESCRIPTORS) + " more" : "");
    }

    private static String known(@Nullable String end) {
        return end == null ? "?" : end;
    }
}
