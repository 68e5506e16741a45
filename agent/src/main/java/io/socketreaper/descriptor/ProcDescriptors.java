package io.socketreaper.descriptor;

import io.socketreaper.model.Clock;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.model.TcpState;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /proc/self/fd} and {@code /proc/self/limits} of Linux; see proc(5). */
public final class ProcDescriptors implements Descriptors, DescriptorUse {
    private static final String DIRECTORY = "/proc/self/fd/";
    private static final String SOCKET = "socket:";
    private static final int LARGEST_GAP = 1024;
    private static final long UNREADABLE = -2;
    /** So many inodes are kept for a comparison with the next inventory: a few megabytes. */
    private static final int MOST_UNWATCHED = 65536;

    private final Clock clock;
    private final SendQueues sendQueues;
    private final ConnectingPeers connectingPeers;
    /** Kept, because a process that has run out of descriptors cannot read it any more. */
    private volatile long limit = -1;
    /** While the command line has raised the limit to be answered: that limit, and the one that it will put back. */
    private volatile long raised = -1;

    private volatile long real = -1;
    /** Whether it was raised for what asks {@link #free} too. */
    private volatile boolean usable;

    private volatile @Nullable Kernel kernel;

    public ProcDescriptors(Clock clock) {
        this.clock = clock;
        this.sendQueues = new SendQueues(clock);
        this.connectingPeers = new ConnectingPeers(clock);
    }

    @Override
    public int sendQueue(long inode, long notBefore) {
        return sendQueues.of(inode, notBefore);
    }

    @Override
    public @Nullable SocketAddress connectingPeer(long inode) {
        return connectingPeers.of(inode);
    }

    @Override
    public void prepareSendQueues() {
        sendQueues.prepare();
    }

    /** Lets go of what {@link #prepareSendQueues} keeps. */
    public void close() {
        sendQueues.close();
    }

    @Override
    public @Nullable String link(int descriptor) {
        return link(String.valueOf(descriptor));
    }

    private static @Nullable String link(String descriptor) {
        try {
            return Files.readSymbolicLink(Path.of(DIRECTORY + descriptor)).toString();
        } catch (NoSuchFileException notOpen) {
            return null;
        } catch (IOException | RuntimeException notTold) {
            return UNKNOWN;
        }
    }

    /**
     * Reads the limit and loads every class that counting needs, because neither is possible once the process has run out of descriptors.
     *
     * @param resolved the system calls that a stack has found in this JDK
     */
    public void prepare(Kernel resolved) {
        kernel = resolved;
        open();
        inventory(Set.of());
    }

    @Override
    public DescriptorCensus census() {
        return walk(null);
    }

    @Override
    public DescriptorInventory inventory(Set<Long> knownInodes) {
        var counts = new KindCounts(kernel, knownInodes);
        DescriptorCensus census = walk(counts);
        return new DescriptorInventory(census, counts.kinds(), counts.unwatched);
    }

    /** @param counts hears of every descriptor; null for none */
    private DescriptorCensus walk(@Nullable KindCounts counts) {
        // Before the walk, so that changes during it count as later.
        long now = clock.nanoTime();
        readLimit();
        String[] listed = new File(DIRECTORY).list();
        List<String> names = listed == null ? probed() : List.of(listed);
        Set<String> seen = new HashSet<>();
        Set<String> shared = new HashSet<>();
        for (String name : names) {
            String link = link(name);
            if (link == null) {
                // closed meanwhile, as the directory itself
                continue;
            }
            if (link.startsWith(SOCKET) && !seen.add(link)) {
                shared.add(link);
            }
            if (counts != null) {
                counts.add(name, link);
            }
        }
        return new DescriptorCensus(now, open(listed, names), limit, shared);
    }

    private static final class KindCounts {
        private final @Nullable Kernel kernel;
        private final Set<Long> knownInodes;
        private final int[] counts = new int[DescriptorKind.values().length];
        private final Map<Long, DescriptorKind> unwatched = new HashMap<>();

        /** @param kernel null if it is not known yet; then no socket is known to be one of TCP */
        KindCounts(@Nullable Kernel kernel, Set<Long> knownInodes) {
            this.kernel = kernel;
            this.knownInodes = knownInodes;
        }

        void add(String name, String link) {
            DescriptorKind kind = kind(name, link);
            counts[kind.ordinal()]++;
            DescriptorKind part = kind.unwatched();
            if (part == null) {
                return;
            }
            Long inode = Descriptors.inode(link);
            if (!knownInodes.contains(inode)) {
                counts[part.ordinal()]++;
                if (unwatched.size() < MOST_UNWATCHED) {
                    unwatched.put(inode, part);
                }
            }
        }

        private DescriptorKind kind(String name, String link) {
            return link.startsWith(SOCKET)
                    ? DescriptorKind.of(kernel == null ? TcpState.UNKNOWN : kernel.tcpStateOf(Integer.parseInt(name)))
                    : DescriptorKind.of(link);
        }

        DescriptorKinds kinds() {
            return DescriptorKinds.of(counts);
        }
    }

    @Override
    public int open() {
        var directory = new File(DIRECTORY);
        // Since Linux 6.2 the size of the directory is the number of descriptors in use. It includes those that a call
        // has reserved, as accept(2) does while it waits; they are not listed, but count for the limit.
        long size = directory.length();
        if (size > 0) {
            return (int) size;
        }
        String[] listed = directory.list();
        return open(listed, listed == null ? probed() : List.of());
    }

    private static int open(String[] listed, List<String> names) {
        // One of those listed was the directory itself.
        return listed != null ? listed.length - 1 : names.isEmpty() ? -1 : names.size();
    }

    @Override
    public long limit() {
        // It may have changed: the command line raises it to attach, an operator to rescue this process.
        readLimit();
        return limit;
    }

    /** The command line has raised the limit for a moment; the raised one must not be taken for the real one. Any thread. */
    public void room(long raisedTo, long realLimit) {
        real = realLimit;
        raised = raisedTo;
        usable = true;
        // If it cannot be read any more once it is put back.
        limit = limit == raisedTo ? realLimit : limit;
    }

    /** From now on the raised limit may be put back at any moment. */
    public void usedUp() {
        usable = false;
    }

    /** Unlimited between {@link #room} and {@link #usedUp}. */
    @Override
    public int free() {
        long now = readLimit();
        if (now == UNREADABLE) {
            if (limit < 0) {
                // The first look, and it had no descriptor to look with; or a system that does not tell.
                return new File(DIRECTORY).list() == null ? 0 : Integer.MAX_VALUE;
            }
            now = limit;
        }
        if (now == raised) {
            if (usable) {
                return Integer.MAX_VALUE;
            }
            now = real;
        }
        return DescriptorUse.free(now, open());
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

    /** Returns what is in force, also while it is raised; -1 for no limit, {@link #UNREADABLE} if it could not be read. */
    private long readLimit() {
        try (var lines = new BufferedReader(new FileReader("/proc/self/limits", StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                DescriptorLimit read = DescriptorLimit.parse(line);
                if (read != null) {
                    limit = read.soft() == raised ? real : read.soft();
                    return read.soft();
                }
            }
        } catch (IOException | RuntimeException outOfDescriptors) {
            // what was known before still holds
        }
        return UNREADABLE;
    }
}
