package io.socketreaper.cli;

import io.socketreaper.heap.HeapSocket;
import io.socketreaper.heap.HeldSockets;
import io.socketreaper.heap.Holder;
import io.socketreaper.heap.HolderGroup;
import io.socketreaper.procfs.OpenSocket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What {@code holders} answers.
 *
 * @param pid         null for a file
 * @param dump        the file, if it is still there
 * @param objects     in the dump
 * @param groups      sockets that are held by equal paths
 * @param unreachable sockets with an object that no strong reference leads to
 * @param noObject    sockets of the process that no object of its heap has
 */
record HoldersAnswer(
        @Nullable Long pid,
        @Nullable String dump,
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
     * @param kernel what the kernel says, by descriptor; empty for a file
     * @param ids    the agent's, by descriptor
     */
    static HoldersAnswer of(
            @Nullable Long pid,
            @Nullable String dump,
            int objects,
            HeldSockets held,
            Map<Integer, OpenSocket> kernel,
            Map<Integer, Long> ids) {
        var groups = new ArrayList<Group>();
        var without = new TreeMap<>(kernel);
        for (HolderGroup group : held.groups()) {
            var sockets = sockets(group.sockets(), kernel, ids, without);
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
        var unreachable = sockets(held.unreachable(), kernel, ids, without);
        return new HoldersAnswer(
                pid,
                dump,
                objects,
                groups,
                unreachable,
                without.values().stream()
                        .map(socket -> socket(null, socket, ids.get(socket.descriptor())))
                        .toList());
    }

    private static List<Socket> sockets(
            List<HeapSocket> held,
            Map<Integer, OpenSocket> kernel,
            Map<Integer, Long> ids,
            Map<Integer, OpenSocket> without) {
        return held.stream()
                .map(each -> {
                    without.remove(each.descriptor());
                    return socket(each, kernel.get(each.descriptor()), ids.get(each.descriptor()));
                })
                .sorted(Comparator.comparingInt(Socket::descriptor))
                .toList();
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

    /** How many sockets it tells of. */
    int count() {
        return groups.stream().mapToInt(Group::count).sum() + unreachable.size() + noObject.size();
    }
}
