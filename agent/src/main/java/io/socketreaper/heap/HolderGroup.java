package io.socketreaper.heap;

import java.util.List;

/**
 * Sockets that are kept by equal paths.
 *
 * @param path    classes and fields, which are the same for all of them
 * @param sockets in the order of their descriptors
 */
public record HolderGroup(HolderPath path, List<HeapSocket> sockets) {}
