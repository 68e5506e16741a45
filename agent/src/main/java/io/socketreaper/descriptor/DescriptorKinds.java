package io.socketreaper.descriptor;

import io.socketreaper.model.DescriptorKind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The open descriptors of this process by kind, at one moment. One that is closed and opened again during the count may be counted as the
 * wrong kind. Immutable.
 */
public final class DescriptorKinds {
    /** The counts before the first look, or when a look is not possible. */
    public static final DescriptorKinds NONE = new DescriptorKinds(new int[DescriptorKind.values().length]);

    private final int[] counts;

    private DescriptorKinds(int[] counts) {
        this.counts = counts;
    }

    /** @param counts one for each kind, in the order of {@link DescriptorKind} */
    public static DescriptorKinds of(int... counts) {
        return new DescriptorKinds(Arrays.copyOf(counts, NONE.counts.length));
    }

    public int count(DescriptorKind kind) {
        return counts[kind.ordinal()];
    }

    /** The same with fewer of one kind. */
    public DescriptorKinds less(DescriptorKind kind, int fewer) {
        int[] changed = counts.clone();
        changed[kind.ordinal()] -= fewer;
        return new DescriptorKinds(changed);
    }

    /** All of them. */
    public int total() {
        int total = 0;
        for (DescriptorKind kind : DescriptorKind.values()) {
            total += kind.isPartOfAnother() ? 0 : count(kind);
        }
        return total;
    }

    /** Each count by the name of its kind, in the order of {@link DescriptorKind}. */
    public Map<String, Integer> byName() {
        var byName = new LinkedHashMap<String, Integer>();
        for (DescriptorKind kind : DescriptorKind.values()) {
            byName.put(kind.toString(), count(kind));
        }
        return byName;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DescriptorKinds kinds && Arrays.equals(counts, kinds.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return byName().toString();
    }
}
