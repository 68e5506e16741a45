package io.socketreaper.imaginary;

import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.model.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The descriptor table of a process that does not exist. */
public final class ImaginaryDescriptors implements Descriptors {
    public static final int LIMIT = 1024;

    private final Clock clock;
    private final Map<Integer, String> links = new HashMap<>();
    private final Map<Long, Integer> sendQueues = new HashMap<>();
    private final Set<String> shared = new HashSet<>();
    private boolean unreadable;
    private RuntimeException failure;
    private int censuses;
    private Runnable duringEachCensus;
    private int passes;
    private long passedAt;
    private Runnable duringEachPass;

    ImaginaryDescriptors(Clock clock) {
        this.clock = clock;
    }

    /** From now on so many bytes of a socket are unacknowledged. */
    public void unacknowledged(long inode, int bytes) {
        sendQueues.put(inode, bytes);
    }

    @Override
    public int sendQueue(long inode, long notBefore) {
        if (passes == 0 || passedAt - notBefore < 0) {
            passes++;
            passedAt = clock.nanoTime();
            if (duringEachPass != null) {
                duringEachPass.run();
            }
        }
        return sendQueues.getOrDefault(inode, 0);
    }

    @Override
    public void prepareSendQueues() {
        // the table is always there
    }

    public void open(int descriptor, String link) {
        links.put(descriptor, link);
    }

    public void close(int descriptor) {
        links.remove(descriptor);
    }

    /** A second descriptor, e.g. of a dup(2), refers to what this one refers to. */
    public void share(int descriptor) {
        shared.add(links.get(descriptor));
    }

    /** The second descriptor is closed. */
    public void shareNoMore(int descriptor) {
        shared.remove(links.get(descriptor));
    }

    /** {@code /proc} says neither yes nor no. */
    public void unreadable(boolean now) {
        unreadable = now;
    }

    /** The next census fails once. */
    public void failOnce(RuntimeException with) {
        failure = with;
    }

    public boolean isOpen(int descriptor) {
        return links.containsKey(descriptor);
    }

    /** A count of very many takes its time. */
    public void duringEachCensus(Runnable action) {
        duringEachCensus = action;
    }

    /** A pass over the table of all sockets takes its time where there are very many. */
    public void duringEachPass(Runnable action) {
        duringEachPass = action;
    }

    /** How many passes there were. */
    public int passes() {
        return passes;
    }

    public int censuses() {
        return censuses;
    }

    @Override
    public String link(int descriptor) {
        return unreadable ? UNKNOWN : links.get(descriptor);
    }

    @Override
    public DescriptorCensus census() {
        censuses++;
        if (duringEachCensus != null) {
            duringEachCensus.run();
        }
        if (failure != null) {
            RuntimeException once = failure;
            failure = null;
            throw once;
        }
        return new DescriptorCensus(clock.nanoTime(), links.size(), LIMIT, Set.copyOf(shared));
    }
}
