package io.socketreaper.socket;

/** What one walk through all descriptors has found. */
public record Inventory(Census census, DescriptorKinds kinds) {
}
