package io.socketreaper.descriptor;

import java.util.Set;

/**
 * The descriptors of this process at one moment.
 *
 * @param nanoTime when it was taken
 * @param open     how many are open, -1 if unknown
 * @param limit    the soft limit, -1 if unknown or unlimited
 * @param shared   links ({@code socket:[12345]}) that more than one descriptor refers to
 */
public record DescriptorCensus(long nanoTime, int open, long limit, Set<String> shared) {}
