package io.socketreaper.cli;

import io.socketreaper.control.SiteDescriptor;
import io.socketreaper.heap.HeapSocket;
import io.socketreaper.model.CountedState;
import io.socketreaper.model.OpenState;
import io.socketreaper.procfs.OpenSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The open descriptors that {@code holders} is asked about.
 *
 * @param sockets as the kernel shows them, by descriptor
 * @param others  what is no socket for the kernel, such as a selector, by descriptor: the agent's word for it
 * @param ids     the agent's ids of the sockets, by descriptor; some may be of sockets that are not asked about
 */
record AskedDescriptors(Map<Integer, OpenSocket> sockets, Map<Integer, String> others, Map<Integer, Long> ids) {
    /** No descriptor: a heap dump is read from a file, and its process cannot be asked. */
    static final AskedDescriptors NONE = new AskedDescriptors(Map.of(), Map.of(), Map.of());

    /**
     * Those of a site. A socket that was closed since the agent has answered is not among them.
     *
     * @param open all sockets of the process, by descriptor
     */
    static AskedDescriptors ofSite(List<SiteDescriptor> site, Map<Integer, OpenSocket> open) {
        var byInode = byInode(open);
        var asked = new AskedDescriptors(new TreeMap<>(), new TreeMap<>(), new HashMap<>());
        for (SiteDescriptor each : site) {
            var socket = each.inode() == 0 ? open.get(each.descriptor()) : byInode.get(each.inode());
            if (socket != null) {
                asked.sockets.put(socket.descriptor(), socket);
                if (each.id() >= 0) {
                    asked.ids.put(socket.descriptor(), each.id());
                }
            } else if (OpenState.named(each.state()) instanceof CountedState) {
                asked.others.put(each.descriptor(), each.state());
            }
        }
        return asked;
    }

    /** The same sockets by the kernel's number. */
    static Map<Long, OpenSocket> byInode(Map<Integer, OpenSocket> open) {
        var byInode = new HashMap<Long, OpenSocket>();
        open.values().forEach(socket -> byInode.put(socket.inode(), socket));
        return byInode;
    }

    boolean isEmpty() {
        return sockets.isEmpty() && others.isEmpty();
    }

    int count() {
        return sockets.size() + others.size();
    }

    /** Without those that were closed meanwhile, perhaps by the collection; each socket as it is now. */
    AskedDescriptors stillOpen(Map<Integer, OpenSocket> now) {
        var open = new TreeMap<Integer, OpenSocket>();
        sockets.forEach((descriptor, socket) -> {
            var after = now.get(descriptor);
            if (after != null && after.inode() == socket.inode()) {
                open.put(descriptor, after);
            }
        });
        var rest = new TreeMap<>(others);
        rest.keySet().removeAll(now.keySet());
        return new AskedDescriptors(open, rest, ids);
    }

    /**
     * Whether an object of the heap has one of these descriptors: a number that was used again meanwhile has another port.
     *
     * @param all whether every object that is no socket for the kernel is asked about
     */
    boolean include(HeapSocket object, boolean all) {
        var socket = sockets.get(object.descriptor());
        if (!object.type().isSocket()) {
            return socket == null && (all || others.containsKey(object.descriptor()));
        }
        var local = object.local();
        return socket != null
                && (local == null
                        || socket.local() == null
                        || local.endsWith(":" + socket.local().port()));
    }
}
