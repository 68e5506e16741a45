package io.socketreaper.heap;

import java.util.List;

/**
 * What keeps the sockets that were asked for.
 *
 * @param groups      those with application classes first, then by number of sockets
 * @param unreachable sockets to which no strong reference leads: only weak, soft, phantom or finalizer references, if any
 */
public record HeldSockets(List<HolderGroup> groups, List<HeapSocket> unreachable) {}
