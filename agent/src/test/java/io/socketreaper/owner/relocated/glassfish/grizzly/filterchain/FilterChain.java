package io.socketreaper.owner.relocated.glassfish.grizzly.filterchain;

import io.socketreaper.owner.relocated.glassfish.grizzly.Connection;
import java.util.ArrayList;
import java.util.List;

/** One filter, which notes what it is told. */
public final class FilterChain extends ArrayList<Filter> {
    private static final long serialVersionUID = 1;

    public FilterChain(List<String> calls) {
        add((context, cause) -> calls.add("exceptionOccurred: " + cause.getMessage()));
    }

    public FilterChainContext obtainFilterChainContext(Connection connection) {
        return new FilterChainContext(connection);
    }
}
