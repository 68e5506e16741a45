package io.socketreaper.cli;

import io.socketreaper.heap.HeapSocket;
import io.socketreaper.heap.HeldSockets;
import io.socketreaper.heap.Holder;
import io.socketreaper.heap.HolderGroup;
import io.socketreaper.procfs.OpenSocket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What {@code holders} answers.
 *
 * @param pid         null for a file
 * @param dump        the file, if it is still there
 * @param madeMillis  when the dump was read, milliseconds since 1970
 * @param objects     in the dump
 * @param groups      sockets that are held by equal paths
 * @param unreachable sockets with an object that no strong reference leads to
 * @param noObject    sockets of the process that no object of its heap has
 */
record HoldersAnswer(
        @Nullable Long pid,
        @Nullable String dump,
        long madeMillis,
        int objects,
        List<Group> groups,
        List<Socket> unreachable,
        List<Socket> noObject) {

    /**
     * Sockets with the same path.
     *
     * @param root    why the first holder is alive
     * @param end     class of the object that has the descriptor
     * @param states  how many sockets are in each TCP state; empty for a file
     */
    record Group(
            int count,
            boolean application,
            String root,
            List<Holder> holders,
            String end,
            Map<String, Integer> states,
            List<Socket> sockets) {}

    /**
     * One socket.
     *
     * @param inode  null for a file
     * @param id     the agent's, null if it has none
     * @param state  of TCP, null if it is not known
     * @param unread bytes in the receive queue
     */
    record Socket(
            int descriptor,
            @Nullable Long inode,
            @Nullable Long id,
            @Nullable String type,
            @Nullable String state,
            @Nullable String local,
            @Nullable String remote,
            long unread) {}

    /**
     * The answer about sockets of a dump.
     *
     * @param asked {@link AskedDescriptors#NONE} for a file
     */
    static HoldersAnswer of(
            @Nullable Long pid, @Nullable String dump, int objects, HeldSockets held, AskedDescriptors asked) {
        var groups = new ArrayList<Group>();
        var withObject = new HashSet<Integer>();
        for (HolderGroup group : held.groups()) {
            var sockets = sockets(group.sockets(), asked, withObject);
            var states = new TreeMap<String, Integer>();
            for (var socket : sockets) {
                if (socket.state() != null) {
                    states.merge(socket.state(), 1, Integer::sum);
                }
            }
            var path = group.path();
            groups.add(new Group(
                    sockets.size(), path.showsApplication(), path.root(), path.holders(), path.end(), states, sockets));
        }
        var unreachable = sockets(held.unreachable(), asked, withObject);
        return new HoldersAnswer(
                pid, dump, System.currentTimeMillis(), objects, groups, unreachable, withoutObject(asked, withObject));
    }

    private static List<Socket> sockets(List<HeapSocket> held, AskedDescriptors asked, Set<Integer> withObject) {
        return held.stream()
                .map(each -> {
                    withObject.add(each.descriptor());
                    return socket(
                            each,
                            asked.sockets().get(each.descriptor()),
                            asked.ids().get(each.descriptor()));
                })
                .sorted(Comparator.comparingInt(Socket::descriptor))
                .toList();
    }

    private static List<Socket> withoutObject(AskedDescriptors asked, Set<Integer> withObject) {
        var without = new ArrayList<Socket>();
        asked.sockets().forEach((descriptor, socket) -> {
            if (!withObject.contains(descriptor)) {
                without.add(socket(null, socket, asked.ids().get(descriptor)));
            }
        });
        asked.others().forEach((descriptor, word) -> {
            if (!withObject.contains(descriptor)) {
                without.add(new Socket(descriptor, null, null, word, null, null, null, 0));
            }
        });
        return without;
    }

    /** One of the two is there; the kernel knows better what both tell. */
    private static Socket socket(@Nullable HeapSocket object, @Nullable OpenSocket kernel, @Nullable Long id) {
        String type = object == null ? null : object.type().toString();
        if (kernel == null) {
            return object == null
                    ? new Socket(-1, null, id, type, null, null, null, 0)
                    : new Socket(object.descriptor(), null, id, type, null, object.local(), object.remote(), 0);
        }
        boolean named = kernel.local() != null && kernel.remote() != null;
        return new Socket(
                kernel.descriptor(),
                kernel.inode(),
                id,
                type == null ? kernel.family() : type,
                kernel.stateWord(),
                named ? String.valueOf(kernel.local()) : object == null ? null : object.local(),
                named ? String.valueOf(kernel.remote()) : object == null ? null : object.remote(),
                kernel.unread());
    }

    /** Whether all parts are there that it needs to be shown: a reader of JSON leaves out what it does not find. */
    boolean isWhole() {
        return groups != null
                && areWhole(unreachable)
                && areWhole(noObject)
                && groups.stream()
                        .allMatch(group -> group != null
                                && group.root() != null
                                && group.end() != null
                                && areWhole(group.sockets())
                                && !group.sockets().isEmpty()
                                && group.holders() != null
                                && group.holders().stream()
                                        .allMatch(holder -> holder != null
                                                && holder.className() != null
                                                && holder.field() != null));
    }

    private static boolean areWhole(@Nullable List<Socket> sockets) {
        return sockets != null && !sockets.contains(null);
    }

    /** How many sockets it tells of. */
    int count() {
        return groups.stream().mapToInt(Group::count).sum() + unreachable.size() + noObject.size();
    }
}
