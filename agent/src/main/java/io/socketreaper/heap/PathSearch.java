package io.socketreaper.heap;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import shark.GcRoot;
import shark.HeapGraph;
import shark.HeapObject;
import shark.HeapObject.HeapClass;
import shark.HeapObject.HeapPrimitiveArray;

/**
 * Finds the shortest chain of strong references to each of some objects: breadth first from the GC roots, in tiers. A path by static
 * fields of the application comes before one by threads and the JDK's own static fields, and both before one by the JDK's bookkeeping, such
 * as the keys of a selector. Takes four bytes an object and up to four for its queue. One search a thread.
 */
final class PathSearch {
    /** Static fields of the application, and from there every field. */
    static final int FIELDS = 0;
    /** Threads, local variables, native code, static fields of the JDK. */
    static final int THREADS = 1;
    /** {@link JdkNames}. */
    static final int BOOKKEEPING = 2;

    private static final int TIERS = 3;
    private static final int UNSEEN = 0;
    private static final int ROOT = 1;
    /** What a parent's index is stored with, so that it differs from the two above. */
    private static final int SHIFT = 2;

    private static final int REPORT_EVERY = 1 << 18;

    private final HeapGraph graph;
    private final ReferenceReader references;
    private final Progress progress;
    /** By index of an object: {@link #UNSEEN}, {@link #ROOT}, or its parent's index. */
    private final int[] parents;
    /** Ids of the classes by index, because Shark's own look-up does not find the first. */
    private final long[] classes;

    private final IntQueue queue = new IntQueue();
    /** Children and parents whose reference belongs to a later tier. */
    private final List<IntQueue> postponed = new ArrayList<>();
    /** Roots that are no class. */
    private final Map<Integer, GcRoot> roots = new HashMap<>();

    private final Set<Integer> wanted = new HashSet<>();
    private long seen;

    PathSearch(ReferenceReader references, Progress progress) {
        this.references = references;
        this.graph = references.graph();
        this.progress = progress;
        // Shark numbers from 0; one more costs nothing
        parents = new int[graph.getObjectCount() + 1];
        classes = new long[graph.getClassCount()];
        for (int i = 0; i < TIERS; i++) {
            postponed.add(new IntQueue());
        }
    }

    /** Searches until it has found all objects, or has visited every reachable one. */
    void run(Collection<Integer> objects) {
        wanted.addAll(objects);
        seedClasses();
        seedRoots();
        for (int tier = FIELDS; tier < TIERS && !wanted.isEmpty(); tier++) {
            var begin = postponed.get(tier);
            while (!begin.isEmpty()) {
                int child = begin.remove();
                see(child, begin.remove());
            }
            while (!queue.isEmpty() && !wanted.isEmpty()) {
                follow(queue.remove(), tier);
            }
        }
    }

    private void seedClasses() {
        for (var all = graph.getClasses().iterator(); all.hasNext(); ) {
            HeapClass owner = all.next();
            int index = owner.getObjectIndex();
            classes[index] = owner.getObjectId();
            parents[index] = ROOT;
            int tier = JdkNames.isJdk(owner.getName()) ? THREADS : FIELDS;
            for (long target : ReferenceReader.statics(owner)) {
                int child = index(target);
                if (child >= 0) {
                    postpone(tier, child, index + SHIFT);
                }
            }
        }
    }

    private void seedRoots() {
        for (var root : graph.getGcRoots()) {
            int index = index(root.getId());
            if (index >= classes.length && (roots.putIfAbsent(index, root) == null || isThread(root))) {
                roots.put(index, root);
                postpone(THREADS, index, ROOT);
            }
        }
    }

    /** A thread is also a local variable of itself, which tells less. */
    private static boolean isThread(GcRoot root) {
        return root instanceof GcRoot.ThreadObject;
    }

    private void postpone(int tier, int child, int parent) {
        var later = postponed.get(tier);
        later.add(child);
        later.add(parent);
    }

    private void see(int child, int parent) {
        if (parents[child] == UNSEEN) {
            parents[child] = parent;
            wanted.remove(child);
            queue.add(child);
        }
    }

    private void follow(int index, int tier) {
        if (seen++ % REPORT_EVERY == 0) {
            progress.at("searching", seen, graph.getObjectCount());
        }
        var object = graph.findObjectByIndex(index);
        references.read(object);
        long[] targets = references.targets();
        for (int i = 0; i < targets.length; i++) {
            int child = targets[i] == 0 ? -1 : index(targets[i]);
            if (child < 0 || parents[child] != UNSEEN) {
                continue;
            }
            int due = references.tier(object, i);
            if (due <= tier) {
                see(child, index + SHIFT);
            } else {
                postpone(due, child, index + SHIFT);
            }
        }
    }

    /** The index of an object that has references or is wanted; -1 for others and for ids that are not in the dump. */
    private int index(long id) {
        var object = graph.findObjectByIdOrNull(id);
        if (object == null || object instanceof HeapPrimitiveArray) {
            return -1;
        }
        int index = object.getObjectIndex();
        return references.isLeaf(object) && !wanted.contains(index) ? -1 : index;
    }

    // -- The result

    boolean reached(int index) {
        return parents[index] != UNSEEN;
    }

    /** The index of the object that refers to a reached one on its path; -1 for a root. */
    int parent(int index) {
        return parents[index] - SHIFT;
    }

    /** What makes the first object of a path alive; null for a class. */
    @Nullable
    GcRoot root(int index) {
        return roots.get(index);
    }

    HeapObject object(int index) {
        return index < classes.length ? graph.findObjectById(classes[index]) : graph.findObjectByIndex(index);
    }
}
