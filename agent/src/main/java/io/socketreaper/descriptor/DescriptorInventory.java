package io.socketreaper.descriptor;

/** What one walk through all descriptors has found. */
public record DescriptorInventory(DescriptorCensus census, DescriptorKinds kinds) {}
