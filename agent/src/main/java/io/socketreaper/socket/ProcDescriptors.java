package io.socketreaper.socket;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** {@code /proc/self/fd} and {@code /proc/self/limits} of Linux; see proc(5). */
public final class ProcDescriptors implements Descriptors {
    private static final String DIRECTORY = "/proc/self/fd/";
    private static final String LIMIT_LINE = "Max open files";

    private final Clock clock;

    public ProcDescriptors(Clock clock) {
        this.clock = clock;
    }

    @Override
    public String link(int descriptor) {
        return link(String.valueOf(descriptor));
    }

    private static String link(String descriptor) {
        try {
            return Files.readSymbolicLink(Path.of(DIRECTORY + descriptor)).toString();
        } catch (NoSuchFileException notOpen) {
            return null;
        } catch (IOException | RuntimeException notTold) {
            return UNKNOWN;
        }
    }

    @Override
    public Census census() {
        // Before the look, so that whatever happens during it counts as later.
        long now = clock.nanoTime();
        String[] names = new File(DIRECTORY).list();
        if (names == null) {
            return new Census(now, -1, limit(), Set.of());
        }
        Set<String> seen = new HashSet<>();
        Set<String> shared = new HashSet<>();
        for (String name : names) {
            String link = link(name);
            if (link != null && link.startsWith("socket:") && !seen.add(link)) {
                shared.add(link);
            }
        }
        // One of them was the directory itself.
        return new Census(now, names.length - 1, limit(), shared);
    }

    private static long limit() {
        try (var lines = new BufferedReader(new FileReader("/proc/self/limits"))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(LIMIT_LINE)) {
                    String soft = line.substring(LIMIT_LINE.length()).trim().split("\\s+")[0];
                    return soft.equals("unlimited") ? -1 : Long.parseLong(soft);
                }
            }
        } catch (IOException | RuntimeException unknown) {
            // no /proc
        }
        return -1;
    }
}
