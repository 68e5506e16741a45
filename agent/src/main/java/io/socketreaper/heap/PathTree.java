package io.socketreaper.heap;

import java.io.File;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import shark.HeapObject;
import shark.HeapObject.HeapClass;
import shark.HeapObject.HeapInstance;
import shark.HeapObject.HeapObjectArray;

/**
 * The paths that a search has found, as a tree of classes and fields: objects whose paths are equal have the same node. An object that refers
 * to one of its own class (a list, a tree) adds nothing to a path, and neither do the nodes and arrays inside a collection of
 * {@code java.util}, which is one holder with the field {@code [*]}.
 */
final class PathTree {
    private static final String COLLECTIONS = "java.util.";
    private static final String ANY = "[*]";

    private final PathSearch search;
    private final ReferenceReader references;
    private final RootNames names;
    private final Map<String, Node> roots = new HashMap<>();
    /** By index of an object that is on a path: what leads to it. */
    private final Map<Integer, Node> nodes = new HashMap<>();

    /** The last holder before an object, or a root. */
    static final class Node {
        private final @Nullable Node parent;
        private final String root;
        private final @Nullable Holder holder;
        private final Map<Holder, Node> children = new HashMap<>();

        private Node(@Nullable Node parent, String root, @Nullable Holder holder) {
            this.parent = parent;
            this.root = root;
            this.holder = holder;
        }

        private Node child(Holder next) {
            return children.computeIfAbsent(next, key -> new Node(this, root, key));
        }

        /** The whole path to an object of that class. */
        HolderPath path(String end) {
            var holders = new ArrayDeque<Holder>();
            for (var node = this; node != null && node.holder != null; node = node.parent) {
                holders.addFirst(node.holder);
            }
            return new HolderPath(root, List.copyOf(holders), end);
        }
    }

    PathTree(PathSearch search, ReferenceReader references, File dump) {
        this.search = search;
        this.references = references;
        this.names = new RootNames(references.graph(), dump);
    }

    /** What leads to an object that the search has reached. */
    Node nodeOf(int index) {
        var above = new ArrayDeque<Integer>();
        int at = index;
        var node = nodes.get(at);
        for (; node == null && at >= 0; node = nodes.get(at)) {
            above.push(at);
            at = search.parent(at);
        }
        for (int next : above) {
            node = node == null ? root(next) : extended(node, search.parent(next), next);
            nodes.put(next, node);
        }
        return Objects.requireNonNull(node);
    }

    private Node root(int index) {
        var reason = search.root(index);
        return roots.computeIfAbsent(
                reason == null ? "class" : names.of(reason, search.object(index)), name -> new Node(null, name, null));
    }

    private Node extended(Node node, int holder, int held) {
        var parent = search.object(holder);
        var child = search.object(held);
        String type = className(parent);
        if (type.equals(className(child)) && !(parent instanceof HeapClass)) {
            return node;
        }
        if (node.holder != null && node.parent != null && isInside(node.holder.className(), parent, type)) {
            String collection = node.holder.className();
            return node.parent.child(new Holder(collection, ReferenceReader.simple(collection) + ANY));
        }
        return node.child(new Holder(type, references.field(parent, child.getObjectId())));
    }

    /** Whether an object is an array or a node of the collection that holds it. */
    private static boolean isInside(String collection, HeapObject object, String type) {
        if (!collection.startsWith(COLLECTIONS) || collection.indexOf('$') >= 0) {
            return false;
        }
        int nested = type.indexOf('$');
        return object instanceof HeapObjectArray || nested > 0 && sameFamily(collection, type.substring(0, nested));
    }

    /** A map with an order has nodes of the class that it extends, and a set those of its map. */
    private static boolean sameFamily(String collection, String outer) {
        return collection.equals(outer)
                || collection.equals(outer.replace(".HashMap", ".LinkedHashMap"))
                || collection.equals(outer.replace(".LinkedHashMap", ".HashMap"));
    }

    static String className(HeapObject object) {
        if (object instanceof HeapInstance instance) {
            return instance.getInstanceClassName();
        }
        return object instanceof HeapObjectArray array ? array.getArrayClassName() : ((HeapClass) object).getName();
    }
}
