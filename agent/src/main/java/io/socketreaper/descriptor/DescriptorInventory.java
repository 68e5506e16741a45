package io.socketreaper.descriptor;

import io.socketreaper.model.DescriptorKind;
import java.util.Map;

/**
 * What one walk through all descriptors has found.
 *
 * @param unwatched the kind of each socket that {@link DescriptorKind#unwatched} counts, by its inode; only the first 65536 of them
 */
public record DescriptorInventory(
        DescriptorCensus census, DescriptorKinds kinds, Map<Long, DescriptorKind> unwatched) {}
