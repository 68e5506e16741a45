package io.socketreaper.procfs;

import io.socketreaper.descriptor.DescriptorLimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One process, as its directory below {@code /proc} shows it at the moment of each call. */
public final class ProcProcess {
    private static final int HEXADECIMAL = 16;

    private final long pid;
    private final Path directory;

    ProcProcess(long pid, Path directory) {
        this.pid = pid;
        this.directory = directory;
    }

    public long pid() {
        return pid;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /** It runs; a zombie does not. */
    public boolean alive() {
        char state = state();
        return state != '?' && state != 'Z' && state != 'X';
    }

    /** Stopped by a signal or a debugger: it does not answer requests. */
    public boolean stopped() {
        char state = state();
        return state == 'T' || state == 't';
    }

    /** The letter of proc(5); '?' if there is no such process. */
    private char state() {
        // pid (name that may hold anything) S ...
        String stat = text("stat");
        int name = stat.lastIndexOf(')');
        return name < 0 || name + 2 >= stat.length() ? '?' : stat.charAt(name + 2);
    }

    /** The kernel's name of it, at most 15 bytes. */
    public String name() {
        return text("comm").strip();
    }

    /** Its command line; empty for what is gone, a zombie or a kernel thread. */
    public List<String> arguments() {
        String line = text("cmdline");
        return line.isEmpty()
                ? List.of()
                : List.of((line.endsWith("\0") ? line.substring(0, line.length() - 1) : line).split("\0", -1));
    }

    /** The value of a variable of the environment it was started with; null if there is none or it is not shown. */
    public @Nullable String variable(String name) {
        for (String entry : text("environ").split("\0")) {
            if (entry.startsWith(name + "=")) {
                return entry.substring(name.length() + 1);
            }
        }
        return null;
    }

    /** All variables of that environment whose names begin so; empty if it is not shown. */
    public Map<String, String> variables(String start) {
        var variables = new TreeMap<String, String>();
        for (String entry : text("environ").split("\0")) {
            int equals = entry.indexOf('=');
            if (equals > 0 && entry.startsWith(start)) {
                variables.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return variables;
    }

    /** Whom the kernel shows its descriptors to, besides root; null if that is not known. */
    public @Nullable String user() {
        try {
            return Files.getOwner(directory).getName();
        } catch (IOException | UnsupportedOperationException notTold) {
            return null;
        }
    }

    /** Its effective user and group, e.g. {@code 1000:1000}; null if it is gone. */
    public @Nullable String effectiveIds() {
        String user = status("Uid");
        String group = status("Gid");
        return user == null || group == null ? null : user.split("\\s+")[1] + ':' + group.split("\\s+")[1];
    }

    /** Whether it has the same number in its own process namespace as here, so that its namespace is that of {@code /proc}. */
    public boolean sharesPidNamespace() {
        // A number for each namespace, from that of /proc inwards.
        return Long.toString(pid).equals(status("NSpid"));
    }

    /** Has a handler of its own for that signal. */
    public boolean catches(int signal) {
        String mask = status("SigCgt");
        return mask != null && (Long.parseUnsignedLong(mask, HEXADECIMAL) >>> signal - 1 & 1) == 1;
    }

    private @Nullable String status(String name) {
        return text("status")
                .lines()
                .filter(line -> line.startsWith(name + ':'))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse(null);
    }

    /** The program's file, as the process sees it; null if that is not shown. */
    public @Nullable Path executable() {
        try {
            // A program that was replaced by an update ends in " (deleted)".
            return Path.of(Files.readSymbolicLink(file("exe")).toString().replaceFirst(" \\(deleted\\)$", ""));
        } catch (IOException | RuntimeException notTold) {
            return null;
        }
    }

    /** A file where the process sees it, e.g. inside its container. */
    public Path seenByIt(Path absolute) {
        return file("root").resolve(absolute.getRoot().relativize(absolute));
    }

    /** How many descriptors it may have open; null if that is not known. */
    public @Nullable DescriptorLimit descriptorLimit() {
        return text("limits")
                .lines()
                .map(DescriptorLimit::parse)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** How many descriptors it may have open; empty if that is not limited or not known. */
    public OptionalLong limit() {
        DescriptorLimit limit = descriptorLimit();
        return limit == null || limit.soft() == DescriptorLimit.UNLIMITED
                ? OptionalLong.empty()
                : OptionalLong.of(limit.soft());
    }

    /** How many descriptors it has open; empty if that is not shown. */
    public OptionalLong open() {
        var names = file("fd").toFile().list();
        return names == null ? OptionalLong.empty() : OptionalLong.of(names.length);
    }

    /** All open descriptors and what each refers to, e.g. {@code socket:[12345]}. */
    Map<Integer, String> descriptors() throws IOException {
        var found = new TreeMap<Integer, String>();
        int hidden = 0;
        try (var entries = Files.newDirectoryStream(file("fd"))) {
            for (Path entry : entries) {
                try {
                    found.put(
                            Integer.valueOf(entry.getFileName().toString()),
                            Files.readSymbolicLink(entry).toString());
                } catch (NoSuchFileException closedMeanwhile) {
                    // no longer open
                } catch (AccessDeniedException notOurs) {
                    hidden++;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw explained(e);
        }
        if (found.isEmpty()) {
            requireAlive();
            if (hidden > 0) {
                throw hidden();
            }
        }
        return found;
    }

    void requireAlive() throws ProcessGoneException {
        char state = state();
        if (state == 'Z') {
            throw new ProcessGoneException(
                    "process " + pid + " has ended; its parent has not taken notice yet (zombie)");
        }
        if (!alive()) {
            throw new ProcessGoneException("there is no process " + pid);
        }
    }

    private IOException explained(Exception e) throws IOException {
        requireAlive();
        return e instanceof AccessDeniedException ? hidden() : new IOException(e.toString(), e);
    }

    private ProcessHiddenException hidden() {
        String user = user();
        boolean rootOnly = user == null || user.equals("root");
        return new ProcessHiddenException("the descriptors of process " + pid + " (" + name() + ") are only shown to "
                + (rootOnly ? "" : user + ", whose process it is, and to ")
                + "root (in a container: with the capability "
                + "SYS_PTRACE); run this as " + (rootOnly ? "root" : user + " or root"));
    }

    private String text(String name) {
        try {
            return new String(Files.readAllBytes(file(name)), StandardCharsets.UTF_8);
        } catch (IOException goneOrNotShown) {
            return "";
        }
    }
}
