package io.socketreaper.cli;

import io.socketreaper.control.Request;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.heap.HeapDump;
import io.socketreaper.heap.HeapSocket;
import io.socketreaper.model.TcpState;
import io.socketreaper.procfs.OpenSocket;
import io.socketreaper.procfs.ProcProcess;
import io.socketreaper.text.HumanText;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows which objects keep sockets open, from a heap dump. */
@Command(
        name = "holders",
        description = {
            "Shows which objects and fields keep sockets open: the shortest paths from the GC roots, from a heap dump.",
            "If the agent is in the process, it keeps the answer for its status page and for reports.",
            "Works without the agent, and for sockets that were opened before an attach. A dump is taken after a full"
                    + " garbage collection, which pauses the application; it needs disk space of about the live heap, and is deleted"
                    + " afterwards.",
            "Without ID, --site, --state or --all: the sockets that look lost (CLOSE_WAIT, FIN_WAIT2, finished, unread input),"
                    + " and the leaks that the agent holds. Of a file: all connections."
        })
final class ShowHolders extends CliCommand {
    /** The phase of a socket that is no leak yet. */
    private static final String SUSPECT = "suspect";

    private static final int MOST = 100_000;
    /** References take eight bytes in a dump and mostly four in a heap, so a dump can be larger than the heap. */
    private static final double DUMP_PER_HEAP = 1.5;

    @Parameters(
            index = "0",
            paramLabel = "PID|FILE.hprof",
            description =
                    "The process (its id, or a part of the main class or jar name of one JVM), or a heap dump of one.")
    private String from;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "ID",
            converter = ReleaseLeaks.SocketId.class,
            description = "Only that socket; the command sockets lists them.")
    private Long id;

    @Option(
            names = "--site",
            paramLabel = "SITE",
            description =
                    "Only the sockets of that site: a leak site of the command sites, or a line of the command open.")
    private String site;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "Only sockets in that TCP state, such as CLOSE_WAIT or ESTABLISHED; CLOSE is a finished one.")
    private TcpState state;

    @Option(names = "--all", description = "All sockets; also listeners, selectors and pipes.")
    private boolean all;

    @Option(names = "--yes", description = "Take the dump without asking; needed without a terminal.")
    private boolean yes;

    @Option(
            names = "--keep",
            description = "Keep the dump, and say where it is. It holds the memory of the application.")
    private boolean keep;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the process writes the dump, an absolute path; by default its temporary directory.")
    private Path directory;

    @Option(names = "--make-room", description = AgentCommand.MAKE_ROOM)
    private boolean makeRoom;

    /** Whether it is in the process, and can keep the answer. */
    private boolean agentIsThere;

    @Override
    Set<ExitCode> exits() {
        var exits = super.exits();
        exits.add(ExitCode.NO_PROCESS);
        exits.add(ExitCode.NO_AGENT);
        exits.add(ExitCode.REFUSED);
        return exits;
    }

    @Override
    ExitCode run() throws InterruptedException {
        if (Stream.of(id != null, site != null, state != null, all)
                        .filter(given -> given)
                        .count()
                > 1) {
            throw wrongUsage("Name one of ID, --site, --state and --all");
        }
        Long pid = new FileOrJvm(proc(), "a heap dump", ".hprof").pid(from);
        if (pid == null && (id != null || site != null || state != null)) {
            throw wrongUsage("A file knows no ID, site or TCP state; these need the process");
        }
        var answer = pid == null ? ofFile(Path.of(from)) : ofProcess(pid);
        if (answer == null) {
            return ExitCode.DONE;
        }
        if (json()) {
            printJson(answer);
        } else {
            new HoldersText(out()).print(answer);
        }
        if (agentIsThere && answer.count() > 0) {
            tellAgent(answer);
        }
        return ExitCode.DONE;
    }

    /** Page and reports show it from now on. What fails here is said, and fails no more than that. */
    private void tellAgent(HoldersAnswer answer) {
        try (var client = AgentClient.open(proc(), Objects.requireNonNull(answer.pid()), makeRoom)) {
            client.keep(HoldersText.note(answer));
            if (!json()) {
                out().println();
                out().println("The status page and the reports of process " + answer.pid() + " show this, too.");
            }
        } catch (CliException e) {
            err().println("status page and reports do not show this: " + e.getMessage());
        }
    }

    // -- From a file

    private HoldersAnswer ofFile(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new CliException(ExitCode.FAILED, file + " cannot be read; write a heap dump or a process");
        }
        return read(file, null, null, AskedDescriptors.NONE);
    }

    /** @param asked of a file, {@link AskedDescriptors#NONE} */
    private HoldersAnswer read(Path file, @Nullable Long pid, @Nullable String kept, AskedDescriptors asked) {
        try (var progress = new ProgressLine(err(), Terminal.showsMessages());
                var dump = HeapDump.open(file, progress::show)) {
            var sockets = new ArrayList<HeapSocket>();
            for (var socket : dump.sockets()) {
                if (pid == null ? all || socket.type().isConnection() : asked.include(socket, all)) {
                    sockets.add(socket);
                }
            }
            return HoldersAnswer.of(pid, kept, dump.objects(), dump.holders(sockets), asked);
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.FAILED,
                    file + " cannot be read: " + (e instanceof EOFException ? "it ends early" : e.getMessage()),
                    e);
        } catch (OutOfMemoryError e) {
            throw new CliException(
                    ExitCode.FAILED,
                    "this command's heap of "
                            + HeapUse.text(Runtime.getRuntime().maxMemory())
                            + " is too small for that dump; give it two thirds of what the dump is large: java -Xmx"
                            + (file.toFile().length() * 2 / 3 >> 20) + "m -jar socket-reaper.jar holders ...",
                    e);
        }
    }

    // -- From a process

    /** Null if there is no socket to ask for, which was said. */
    private @Nullable HoldersAnswer ofProcess(long pid) throws InterruptedException {
        var process = proc().process(pid);
        if (!process.alive()) {
            throw new CliException(
                    ExitCode.NO_PROCESS, "there is no process " + pid + "; the command list names the JVMs");
        }
        if (!yes && !Terminal.isThere()) {
            throw new CliException(
                    ExitCode.USAGE,
                    "holders takes a heap dump: a full garbage collection pauses process " + pid
                            + ", and disk space of about its live heap is used until the command ends. Without a terminal"
                            + " to ask on, --yes says that this is wanted");
        }
        AskedDescriptors asked;
        HeapDumpFile taken;
        try (var client = AgentClient.visit(proc(), pid, makeRoom)) {
            agentIsThere = client.agentState() != null;
            asked = asked(client, process);
            if (asked.isEmpty()) {
                sayNoneLooksLost(pid);
                return null;
            }
            var place = HeapDumpFile.place(client.files(), directory);
            agree(client, place, asked.count());
            taken = take(client, place);
        }
        try (var dump = taken) {
            return read(dump.path(), pid, keep ? dump.path().toString() : null, asked.stillOpen(sockets(process)));
        }
    }

    private HeapDumpFile take(AgentClient client, TargetFiles.Place place) throws InterruptedException {
        try (var progress = new ProgressLine(err(), Terminal.showsMessages())) {
            return HeapDumpFile.take(client, place, keep, progress);
        }
    }

    private void sayNoneLooksLost(long pid) {
        if (json()) {
            printJson(new HoldersAnswer(pid, null, System.currentTimeMillis(), 0, List.of(), List.of(), List.of()));
        } else {
            out().println(
                            id != null || site != null || state != null || all
                                    ? "No such socket is open; no heap dump was taken."
                                    : "No socket of process " + pid + " looks lost; no heap dump was taken. --all or "
                                            + "--state ESTABLISHED asks for others.");
        }
    }

    private AskedDescriptors asked(AgentClient client, ProcProcess process) {
        if (client.agentState() == null && (id != null || site != null)) {
            throw new CliException(
                    ExitCode.NO_AGENT,
                    "Socket Reaper is not in process " + client.pid()
                            + ", so it knows no such ID or site; without them,"
                            + " holders shows the sockets that look lost to the kernel");
        }
        return site == null
                ? askedByState(client, process)
                : AskedDescriptors.ofSite(client.ask(new Request.GetDescriptors(site)), sockets(process));
    }

    private AskedDescriptors askedByState(AgentClient client, ProcProcess process) {
        var open = sockets(process);
        var byInode = AskedDescriptors.byInode(open);
        var asked = new TreeMap<Integer, OpenSocket>();
        var ids = new HashMap<Integer, Long>();
        for (SocketInfo info : heldByAgent(client)) {
            var socket = info.inode() == 0 ? open.get(info.descriptor()) : byInode.get(info.inode());
            if (socket != null && (id == null || id == info.id())) {
                ids.put(socket.descriptor(), info.id());
                if (id != null || state == null && !info.phase().equals(SUSPECT)) {
                    asked.put(socket.descriptor(), socket);
                }
            }
        }
        if (id == null) {
            open.values().stream().filter(this::isAsked).forEach(socket -> asked.put(socket.descriptor(), socket));
        }
        return new AskedDescriptors(asked, Map.of(), ids);
    }

    private boolean isAsked(OpenSocket socket) {
        return all || (state == null ? socket.isSuspicious() : socket.state() == state);
    }

    private static List<SocketInfo> heldByAgent(AgentClient client) {
        return client.agentState() == null ? List.of() : client.ask(new Request.GetSockets(null, MOST));
    }

    private static Map<Integer, OpenSocket> sockets(ProcProcess process) {
        try {
            var found = new TreeMap<Integer, OpenSocket>();
            OpenSocket.of(process).forEach(socket -> found.put(socket.descriptor(), socket));
            return found;
        } catch (IOException e) {
            throw new CliException(ExitCode.NO_PROCESS, Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
        }
    }

    // -- What it costs

    /** Checks the disk, and asks on a terminal. */
    private void agree(AgentClient client, TargetFiles.Place place, int sockets) {
        OptionalLong used = HeapUse.bytes(client.attachment().heapInfo());
        long free = free(place);
        long needed = (long) (used.orElse(0) * DUMP_PER_HEAP);
        Path into = Objects.requireNonNull(Path.of(place.there()).getParent());
        if (free >= 0 && free < needed) {
            throw new CliException(
                    ExitCode.FAILED,
                    "a heap dump of process " + client.pid() + " may take " + HeapUse.text(needed) + ", and " + into
                            + " has " + HeapUse.text(free) + " free; --directory names another directory");
        }
        if (yes) {
            return;
        }
        err().println("To find who holds " + HumanText.count(sockets, "socket", "sockets") + ", process " + client.pid()
                + " writes a heap dump: a full"
                + " garbage collection and the writing pause it, some seconds for each gigabyte.");
        err().println("The dump takes up to " + (used.isPresent() ? HeapUse.text(needed) : "the size of the heap")
                + " in "
                + into + (free < 0 ? "" : " (" + HeapUse.text(free) + " free)")
                + (keep ? " and is kept." : " and is deleted afterwards."));
        err().print("Go on? [y/N] ");
        err().flush();
        String answer = Objects.requireNonNull(System.console()).readLine();
        if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
            throw new CliException(ExitCode.FAILED, "no heap dump was taken");
        }
    }

    private static long free(TargetFiles.Place place) {
        try {
            return Files.getFileStore(Objects.requireNonNull(place.here().getParent()))
                    .getUsableSpace();
        } catch (IOException notTold) {
            return -1;
        }
    }
}
