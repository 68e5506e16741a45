package io.socketreaper.cli;

import com.google.gson.JsonObject;
import io.socketreaper.control.Request;
import io.socketreaper.html.AddressMask;
import io.socketreaper.html.HtmlPages;
import io.socketreaper.html.Recording;
import io.socketreaper.html.ReportModel;
import io.socketreaper.text.PrintableText;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a self-contained HTML report to a file. */
@Command(
        name = "report",
        description = {
            "Writes a report as one self-contained HTML file: verdict, timeline, leak sites with"
                    + " stacks, what was released and what the peers saw.",
            "From a running JVM with the agent in it, or from a recording of the Flight Recorder."
        })
final class Report extends CliCommand {
    @Parameters(
            index = "0",
            paramLabel = "FILE.jfr|PID",
            description = "The recording, or the process: its id, or a part of the main class or jar name of one JVM.")
    private String from;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "report.html",
            description = "Where to write it; an existing file is replaced. Default: ${DEFAULT-VALUE}")
    private Path output;

    @Option(
            names = "--addresses",
            paramLabel = "full|masked",
            defaultValue = "full",
            description = {
                "masked: name the hosts host-1, host-2, ..., for a report that other companies may see.",
                "Loopback addresses are masked, too; names of classes and threads, and the environment, are not."
            })
    private Addresses addresses;

    @Option(
            names = "--holders",
            paramLabel = "FILE",
            description =
                    "What the command holders printed with --json: the report shows who holds the sockets. Without it,"
                            + " a report of a process shows what holders found in it last.")
    private Path holders;

    @Option(names = "--make-room", description = AgentCommand.MAKE_ROOM)
    private boolean makeRoom;

    enum Addresses {
        FULL,
        MASKED
    }

    @Override
    Set<ExitCode> exits() {
        var exits = super.exits();
        exits.add(ExitCode.NO_PROCESS);
        exits.add(ExitCode.NO_AGENT);
        exits.add(ExitCode.REFUSED);
        return exits;
    }

    @Override
    ExitCode run() {
        Long pid = new FileOrJvm(proc(), "a recording", ".jfr").pid(from);
        var model = pid == null ? ofRecording(Path.of(from)) : ofProcess(pid);
        if (holders != null) {
            model = model.with(HoldersFile.read(holders, pid == null ? 0 : pid));
        }
        if (addresses == Addresses.MASKED) {
            model = AddressMask.of(model);
        }
        write(HtmlPages.report(model));
        if (json()) {
            var json = new JsonObject();
            json.addProperty("verdict", HtmlPages.verdict(model));
            json.addProperty("report", output.toString());
            printJson(json);
        } else {
            out().println(PrintableText.block(HtmlPages.verdict(model)));
            out().println("The report is in " + PrintableText.block(output.toString()));
        }
        return ExitCode.DONE;
    }

    private ReportModel ofProcess(long pid) {
        try (var client = AgentClient.open(proc(), pid, makeRoom)) {
            return ReportModel.of(client.ask(new Request.GetView(ReportModel.MOST_SOCKETS)), environment(client));
        }
    }

    private static Map<String, String> environment(AgentClient client) {
        var environment = new LinkedHashMap<String, String>();
        var properties = client.properties();
        environment.put("Process", Long.toString(client.pid()));
        // Only the first word: arguments can be secrets.
        environment.put(
                "Program", properties.getProperty("sun.java.command", "").split(" ")[0]);
        environment.put(
                "JVM",
                properties.getProperty("java.vm.name", "") + " " + properties.getProperty("java.vm.version", ""));
        environment.put(
                "System",
                properties.getProperty("os.name", "") + " " + properties.getProperty("os.version", "") + " "
                        + properties.getProperty("os.arch", ""));
        return environment;
    }

    private static ReportModel ofRecording(Path file) {
        if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
            throw new CliException(ExitCode.FAILED, "this Java has no module jdk.jfr, which reads recordings");
        }
        if (Files.isDirectory(file) || !Files.isReadable(file)) {
            throw new CliException(
                    ExitCode.FAILED,
                    file + (Files.isDirectory(file) ? " is a directory" : " cannot be read: no permission")
                            + "; write a recording or a process id");
        }
        try {
            return Recording.read(file);
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.FAILED,
                    file + " cannot be read: " + Objects.requireNonNullElse(e.getMessage(), "it is cut off"),
                    e);
        }
    }

    /** Resolves a symbolic link, so that its target is written and the link stays. */
    private Path target() {
        try {
            return output.toRealPath();
        } catch (IOException notThere) {
            return output.toAbsolutePath();
        }
    }

    /** Writes to a temporary file first, so that an incomplete report never replaces a complete one. */
    private void write(String html) {
        Path whole = target();
        Path directory = whole.getParent();
        if (Files.isDirectory(whole)) {
            throw new CliException(ExitCode.FAILED, "cannot write " + output + ": it is a directory");
        } else if (directory == null || !Files.isDirectory(directory)) {
            throw new CliException(ExitCode.FAILED, "cannot write " + output + ": there is no directory " + directory);
        }
        try {
            if (Files.exists(whole) && !Files.isRegularFile(whole)) {
                // a device or a pipe is written to, never replaced
                Files.writeString(whole, html);
                return;
            }
            // As readable as the umask has it, which a temporary file would not be.
            Path begun = whole.resolveSibling(".report-" + UUID.randomUUID() + ".html");
            try {
                Files.writeString(begun, html, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                Files.move(begun, whole, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(begun);
            }
        } catch (AccessDeniedException e) {
            throw new CliException(
                    ExitCode.FAILED, "cannot write " + output + ": no permission in " + whole.getParent(), e);
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, "cannot write " + output + ": " + e, e);
        }
    }
}
