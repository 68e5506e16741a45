package io.socketreaper.socket;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code /proc/self/fd} and {@code /proc/self/limits} of Linux; see proc(5). */
public final class ProcDescriptors implements Descriptors {
    private static final String DIRECTORY = "/proc/self/fd/";
    private static final int LARGEST_GAP = 1024;
    private static final String LIMIT_LINE = "Max open files";

    private final Clock clock;
    /** Kept, because a process that has run out of descriptors cannot read it any more. */
    private long limit = -1;

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
        String[] listed = new File(DIRECTORY).list();
        List<String> names = listed == null ? probed() : List.of(listed);
        Set<String> seen = new HashSet<>();
        Set<String> shared = new HashSet<>();
        for (String name : names) {
            String link = link(name);
            if (link != null && link.startsWith("socket:") && !seen.add(link)) {
                shared.add(link);
            }
        }
        // One of those listed was the directory itself.
        int open = listed != null ? listed.length - 1 : names.isEmpty() ? -1 : names.size();
        return new Census(now, open, limit(), shared);
    }

    /**
     * All open descriptors without opening one: a process that has run out of them (EMFILE) cannot list the directory, but
     * readlink(2) still works, and the numbers in use then have no gaps.
     */
    private static List<String> probed() {
        var names = new ArrayList<String>();
        for (int number = 0, gap = 0; gap < LARGEST_GAP; number++, gap++) {
            String name = String.valueOf(number);
            String link = link(name);
            if (UNKNOWN.equals(link)) {
                return List.of();
            }
            if (link != null) {
                names.add(name);
                gap = 0;
            }
        }
        return names;
    }

    private long limit() {
        try (var lines = new BufferedReader(new FileReader("/proc/self/limits"))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(LIMIT_LINE)) {
                    String soft = line.substring(LIMIT_LINE.length()).trim().split("\\s+")[0];
                    limit = soft.equals("unlimited") ? -1 : Long.parseLong(soft);
                }
            }
        } catch (IOException | RuntimeException outOfDescriptors) {
            // what was known before still holds
        }
        return limit;
    }
}
