package io.socketreaper.descriptor;

import io.socketreaper.model.Clock;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.model.TcpState;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code /proc/self/fd} and {@code /proc/self/limits} of Linux; see proc(5). */
public final class ProcDescriptors implements Descriptors, DescriptorUse {
    private static final String DIRECTORY = "/proc/self/fd/";
    private static final int LARGEST_GAP = 1024;
    private static final long UNREADABLE = -2;

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

    private volatile Kernel kernel;

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
    public SocketAddress connectingPeer(long inode) {
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

    /**
     * Learns what cannot be learned any more once the process has run out of descriptors: the limit, and every class that
     * counting needs.
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
        // Before the look, so that whatever happens during it counts as later.
        long now = clock.nanoTime();
        readLimit();
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
        return new DescriptorCensus(now, open(listed, names), limit, shared);
    }

    @Override
    public int open() {
        var directory = new File(DIRECTORY);
        // Since Linux 6.2 the size of the directory is the number of descriptors.
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
        // It may be another one by now: somebody has made room to attach us, or rescues this process.
        readLimit();
        return limit;
    }

    /** Somebody has raised the limit for a moment; it must not be taken for the real one. Any thread. */
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

    /** There is as much as one likes between {@link #room} and {@link #usedUp}. */
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
        int open = open();
        return now < 0 || open < 0 ? Integer.MAX_VALUE : (int) Math.max(0, Math.min(now - open, Integer.MAX_VALUE));
    }

    @Override
    public DescriptorInventory inventory(Set<Long> knownInodes) {
        // Before the look, so that whatever happens during it counts as later.
        long now = clock.nanoTime();
        readLimit();
        String[] listed = new File(DIRECTORY).list();
        List<String> names = listed == null ? probed() : List.of(listed);
        Set<String> seen = new HashSet<>();
        Set<String> shared = new HashSet<>();
        var counts = new int[DescriptorKind.values().length];
        for (String name : names) {
            String link = link(name);
            if (link == null) {
                // closed meanwhile, as the directory itself
                continue;
            }
            if (link.startsWith("socket:") && !seen.add(link)) {
                shared.add(link);
            }
            DescriptorKind kind = kind(name, link);
            counts[kind.ordinal()]++;
            if (kind == DescriptorKind.FINISHED && !knownInodes.contains(Descriptors.inode(link))) {
                counts[DescriptorKind.UNTRACKED.ordinal()]++;
            }
        }
        return new DescriptorInventory(
                new DescriptorCensus(now, open(listed, names), limit, shared), DescriptorKinds.of(counts));
    }

    private DescriptorKind kind(String name, String link) {
        if (link.startsWith("socket:")) {
            Kernel calls = kernel;
            return DescriptorKind.of(calls == null ? TcpState.UNKNOWN : calls.tcpStateOf(Integer.parseInt(name)));
        } else if (link.startsWith("pipe:")) {
            return DescriptorKind.PIPES;
        }
        return link.startsWith("/") ? DescriptorKind.FILES : DescriptorKind.OTHERS;
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
        try (var lines = new BufferedReader(new FileReader("/proc/self/limits"))) {
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
