package io.socketreaper.procfs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A {@code /proc} of text that a kernel once wrote, with one process in it. */
public final class RecordedProc {
    public static final long PID = 4242;
    private static final String TCP_HEAD =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt" + "   uid  timeout inode";

    private final Path root;
    private final Path process;
    private final StringBuilder tcp = new StringBuilder(TCP_HEAD).append('\n');
    private int sl;

    public RecordedProc(Path root) {
        this.root = root;
        process = root.resolve(Long.toString(PID));
        try {
            Files.createDirectories(process.resolve("fd"));
            Files.createDirectories(process.resolve("net"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        file("stat", PID + " (mail (S) server) S 1 4242 4242 0 -1 4194304 1 0\n");
        file("comm", "mail (S) server\n");
        file("cmdline", "/opt/mail/bin/serverd\0--port\00025\0");
        limit(1024);
        file("net/tcp", TCP_HEAD + '\n');
    }

    public ProcFs fs() {
        return new ProcFs(root);
    }

    public ProcProcess process() {
        return fs().process(PID);
    }

    public RecordedProc file(String name, String text) {
        try {
            Files.createDirectories(process.resolve(name).getParent());
            Files.writeString(process.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    public RecordedProc limit(long limit) {
        return file("limits", """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             96343                96343                processes
                Max open files            %-20d 1048576              files
                Max locked memory         8388608              8388608              bytes
                """.formatted(limit));
    }

    /** Another process with the same command line and libraries, and no descriptor. */
    public RecordedProc processLike(long pid) {
        try {
            var other = root.resolve(Long.toString(pid));
            Files.createDirectories(other.resolve("fd"));
            for (var name : List.of("stat", "comm", "cmdline", "maps", "limits")) {
                Files.copy(process.resolve(name), other.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    public RecordedProc fd(int number, String link) {
        try {
            var file = process.resolve("fd").resolve(Integer.toString(number));
            Files.deleteIfExists(file);
            Files.createSymbolicLink(file, Path.of(link));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Sockets with inodes like their numbers. */
    public RecordedProc sockets(int from, int to) {
        IntStream.range(from, to).forEach(number -> fd(number, "socket:[" + number + "]"));
        return this;
    }

    public RecordedProc closed(int number) {
        try {
            Files.delete(process.resolve("fd").resolve(Integer.toString(number)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** A line of {@code net/tcp}; addresses and state in the kernel's hexadecimal. */
    public RecordedProc tcp(String local, String remote, String state, int unread, long inode) {
        tcp.append(
                "%4d: %s %s %s 00000000:%08X 00:00000000 00000000  1000        0 %d 1 0000000000000000 20 4 0 10 -1%n"
                        .formatted(sl++, local, remote, state, unread, inode));
        return file("net/tcp", tcp.toString());
    }

    /** Only these lines from now on. */
    public RecordedProc noTcp() {
        tcp.setLength(TCP_HEAD.length() + 1);
        return file("net/tcp", tcp.toString());
    }

    /** As after exit(2). */
    public void end() {
        file("stat", PID + " (mail (S) server) Z 1 4242 4242 0\n");
        try (var files = Files.list(process.resolve("fd"))) {
            files.forEach(file -> closed(Integer.parseInt(file.getFileName().toString())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
