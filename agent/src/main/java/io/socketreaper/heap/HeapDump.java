package io.socketreaper.heap;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import shark.CloseableHeapGraph;
import shark.HprofHeapGraph;
import shark.HprofIndex;
import shark.HprofRecordTag;

/**
 * A heap dump in HotSpot's format, indexed in memory: some 20 bytes an object. Not thread-safe; the file must stay until it is closed.
 */
public final class HeapDump implements AutoCloseable {
    private final File file;
    private final CloseableHeapGraph graph;
    private final Progress progress;

    private HeapDump(File file, CloseableHeapGraph graph, Progress progress) {
        this.file = file;
        this.graph = graph;
        this.progress = progress;
    }

    /** Opens and indexes a dump. Throws an IOException if the file is none, or ends early. */
    public static HeapDump open(Path file, Progress progress) throws IOException {
        progress.at("indexing", 0, 0);
        var roots = HprofIndex.Companion.defaultIndexedGcRootTags();
        roots.add(HprofRecordTag.ROOT_UNKNOWN);
        roots.add(HprofRecordTag.ROOT_VM_INTERNAL);
        try {
            var graph = HprofHeapGraph.Companion.openHeapGraph(file.toFile(), null, roots);
            return new HeapDump(file.toFile(), graph, progress);
        } catch (IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException notADump) {
            throw new IOException("it is no heap dump, or is cut off: " + notADump.getMessage(), notADump);
        }
    }

    /** How many objects there are, arrays and classes included. */
    public int objects() {
        return graph.getObjectCount();
    }

    /** The open sockets and selectors, in the order of their descriptors. */
    public List<HeapSocket> sockets() {
        return new SocketFinder(graph).find(progress);
    }

    /** Finds the shortest path to each of some sockets of this dump. */
    public HeldSockets holders(Collection<HeapSocket> sockets) {
        var references = new ReferenceReader(graph);
        var search = new PathSearch(references, progress);
        var byIndex = new LinkedHashMap<Integer, HeapSocket>();
        for (var socket : sockets) {
            byIndex.put(graph.findObjectById(socket.objectId()).getObjectIndex(), socket);
        }
        search.run(byIndex.keySet());
        var tree = new PathTree(search, references, file);
        record Key(PathTree.Node node, String end) {}
        var groups = new LinkedHashMap<Key, List<HeapSocket>>();
        var unreachable = new ArrayList<HeapSocket>();
        byIndex.forEach((index, socket) -> {
            if (search.reached(index)) {
                groups.computeIfAbsent(new Key(tree.nodeOf(index), socket.className()), key -> new ArrayList<>())
                        .add(socket);
            } else {
                unreachable.add(socket);
            }
        });
        var found = new ArrayList<HolderGroup>();
        groups.forEach((key, held) -> found.add(new HolderGroup(key.node().path(key.end()), List.copyOf(held))));
        found.sort(Comparator.comparing((HolderGroup group) -> !group.path().showsApplication())
                .thenComparing(group -> -group.sockets().size())
                .thenComparing(group -> group.path().holders().size()));
        return new HeldSockets(found, unreachable);
    }

    @Override
    public void close() throws IOException {
        graph.close();
    }
}
