package io.socketreaper.heap;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import shark.HeapGraph;
import shark.HeapObject;
import shark.HeapObject.HeapClass;
import shark.HeapObject.HeapInstance;
import shark.HeapObject.HeapObjectArray;
import shark.ValueHolder.ReferenceHolder;

/**
 * The strong references of one object after another. What {@code java.lang.ref.Reference} declares is left out: its referent is held
 * weakly, and its other fields chain references that have nothing to do with each other. Not thread-safe.
 */
final class ReferenceReader {
    /** Type of a field that is a reference, as a dump encodes it. */
    private static final int REFERENCE = 2;
    /** Bytes of a field's value by type, 4 (boolean) to 11 (long). */
    private static final int[] SIZES = {0, 0, 0, 0, 1, 2, 4, 8, 1, 2, 4, 8};

    private static final String WEAK = "java.lang.ref.Reference";
    /** Refers to its characters only, and every other object of a dump is one. */
    private static final String STRING = "java.lang.String";

    private static final int BYTE = 0xFF;
    private static final long[] NONE = {};

    private final HeapGraph graph;
    private final int idSize;
    private final Map<Long, Layout> layouts = new HashMap<>();

    /** Where in an object of a class its references are, and when to follow each. */
    private record Layout(int[] offsets, int[] tiers, List<String> names) {}

    /** The references of the object that was read last, and the tier of each; 0 is null. */
    private long[] targets = NONE;

    private Layout layout = new Layout(new int[0], new int[0], List.of());

    ReferenceReader(HeapGraph graph) {
        this.graph = graph;
        this.idSize = graph.getIdentifierByteSize();
    }

    /** Reads the references of an object; none of an array of numbers. */
    void read(HeapObject object) {
        targets = NONE;
        if (object instanceof HeapObjectArray array) {
            targets = array.readRecord().getElementIds();
        } else if (object instanceof HeapInstance instance) {
            layout = layout(instance);
            int[] offsets = layout.offsets();
            if (offsets.length > 0) {
                byte[] values = instance.readRecord().getFieldValues();
                targets = new long[offsets.length];
                for (int i = 0; i < offsets.length; i++) {
                    targets[i] = id(values, offsets[i]);
                }
            }
        }
    }

    /** Whether an object has no reference that a search would follow; a class is none. */
    boolean isLeaf(HeapObject object) {
        return object instanceof HeapInstance instance && layout(instance).offsets().length == 0;
    }

    long[] targets() {
        return targets;
    }

    /** When to follow a reference of the object that was read last. */
    int tier(HeapObject object, int reference) {
        return object instanceof HeapInstance ? layout.tiers()[reference] : PathSearch.FIELDS;
    }

    /** The field of {@code holder} that refers to an object, e.g. {@code Handler.socket}. */
    String field(HeapObject holder, long target) {
        if (holder instanceof HeapClass owner) {
            for (var field : owner.readRecordStaticFields()) {
                if (field.getValue() instanceof ReferenceHolder value && value.getValue() == target) {
                    return "static " + simple(owner.getName()) + '.' + staticName(owner, target);
                }
            }
        }
        read(holder);
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] == target) {
                return holder instanceof HeapInstance ? layout.names().get(i) : "[*]";
            }
        }
        return "?";
    }

    private static String staticName(HeapClass owner, long target) {
        for (var fields = owner.readStaticFields().iterator(); fields.hasNext(); ) {
            var field = fields.next();
            Long value = field.getValue().getAsObjectId();
            if (value != null && value == target) {
                return field.getName();
            }
        }
        return "?";
    }

    /** The static fields of a class that refer to something. */
    static long[] statics(HeapClass owner) {
        var found = new ArrayList<Long>();
        for (var field : owner.readRecordStaticFields()) {
            if (field.getValue() instanceof ReferenceHolder value && value.getValue() != 0) {
                found.add(value.getValue());
            }
        }
        return found.stream().mapToLong(Long::longValue).toArray();
    }

    /** The name without its package, e.g. {@code Map$Entry[]}. */
    static String simple(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    private long id(byte[] values, int at) {
        long id = 0;
        for (int i = 0; i < idSize; i++) {
            id = id << Byte.SIZE | values[at + i] & BYTE;
        }
        // as Shark does with identifiers of four bytes
        return idSize == Integer.BYTES ? (int) id : id;
    }

    private Layout layout(HeapInstance instance) {
        return layouts.computeIfAbsent(instance.getInstanceClassId(), id -> layoutOf(instance.getInstanceClass()));
    }

    /** A dump has the fields of the object's class first, then those of its superclass. */
    private Layout layoutOf(HeapClass type) {
        var offsets = new ArrayList<Integer>();
        var tiers = new ArrayList<Integer>();
        var names = new ArrayList<String>();
        if (type.getName().equals(STRING)) {
            return new Layout(new int[0], new int[0], List.of());
        }
        int at = 0;
        for (HeapClass declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
            boolean weak = declaring.getName().equals(WEAK);
            for (var field : declaring.readRecordFields()) {
                if (field.getType() != REFERENCE) {
                    at += SIZES[field.getType()];
                    continue;
                }
                if (!weak) {
                    String name = declaring.instanceFieldName(field);
                    offsets.add(at);
                    tiers.add(JdkNames.tier(declaring.getName(), name));
                    names.add(simple(declaring.getName()) + '.' + name);
                }
                at += idSize;
            }
        }
        return new Layout(ints(offsets), ints(tiers), List.copyOf(names));
    }

    private static int[] ints(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    HeapGraph graph() {
        return graph;
    }
}
