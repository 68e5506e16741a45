package io.socketreaper.control;

import java.util.ArrayList;
import java.util.List;

/**
 * What the command {@code holders} has found in a heap dump of a process, as text for page and report. The agent keeps the last one.
 *
 * @param pid        of the process, as the command line sees it; 0 if the dump was a file
 * @param madeMillis when the dump was read, milliseconds since 1970
 * @param groups     sockets that are held by equal paths, those with application classes first
 * @param remarks    sentences on sockets without a path, and on groups that are left out
 */
public record HoldersNote(long pid, long madeMillis, List<Group> groups, List<String> remarks) {
    /** The longest form of a note that an agent keeps, in bytes of JSON. */
    public static final int MOST_BYTES = 65_536;

    /**
     * Sockets with the same path.
     *
     * @param sockets how many
     * @param what    type and TCP state of the sockets, and their descriptors
     * @param holder  the field that tells most, e.g. {@code static Parked.connections}
     * @param local   the near end of the first; empty if it is not known
     * @param peer    the far end of the first; empty if it is not known
     * @param path    classes and fields from the GC root to the socket, a line each
     */
    public record Group(int sockets, String what, String holder, String local, String peer, List<String> path) {}

    /** The same with as many of its groups as an agent keeps; a remark says how many are left out. */
    public HoldersNote fitting() {
        var kept = new ArrayList<>(groups);
        HoldersNote note = this;
        while (WireCodec.bytes(note).length > MOST_BYTES && !kept.isEmpty()) {
            // The last groups have the fewest sockets.
            kept.subList(kept.size() - Math.max(1, kept.size() / 10), kept.size())
                    .clear();
            var said = new ArrayList<>(remarks);
            said.add((groups.size() - kept.size()) + " kinds of holders are left out: the note has room for "
                    + MOST_BYTES / 1024 + " KiB.");
            note = new HoldersNote(pid, madeMillis, List.copyOf(kept), said);
        }
        return note;
    }

    /** Whether all parts are there: a reader of JSON leaves out what it does not find. */
    boolean isWhole() {
        return groups != null
                && remarks != null
                && !remarks.contains(null)
                && groups.stream()
                        .allMatch(group -> group != null
                                && group.what != null
                                && group.holder != null
                                && group.local != null
                                && group.peer != null
                                && group.path != null
                                && !group.path.contains(null));
    }
}
