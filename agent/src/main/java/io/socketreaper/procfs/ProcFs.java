package io.socketreaper.procfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code /proc} of Linux, see proc(5), or a recorded one. */
public record ProcFs(Path root) {
    public static final ProcFs SYSTEM = new ProcFs(Path.of("/proc"));

    public ProcProcess process(long pid) {
        return new ProcProcess(pid, root.resolve(Long.toString(pid)));
    }

    /** This JVM. */
    public ProcProcess self() {
        return new ProcProcess(ProcessHandle.current().pid(), root.resolve("self"));
    }

    /** All visible processes, by pid. */
    public List<ProcProcess> processes() throws IOException {
        try (var entries = Files.list(root)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.chars().allMatch(c -> c >= '0' && c <= '9'))
                    .map(Long::valueOf)
                    .sorted()
                    .map(this::process)
                    .toList();
        }
    }
}
