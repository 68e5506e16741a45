package io.socketreaper.owner.relocated.glassfish.grizzly.filterchain;

import io.socketreaper.owner.relocated.glassfish.grizzly.Connection;

/** What a filter is told with. */
public record FilterChainContext(Connection connection) {}
