package io.socketreaper.owner.relocated.glassfish.grizzly.filterchain;

/** One of a chain. */
@FunctionalInterface
public interface Filter {
    void exceptionOccurred(FilterChainContext context, Throwable cause);
}
