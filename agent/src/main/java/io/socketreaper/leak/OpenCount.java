package io.socketreaper.leak;

/**
 * A line of code and how many of the descriptors that it opened are open.
 *
 * @param id          of the opening site
 * @param location    the first application frame, {@code Class.method(File:line)}
 * @param descriptors one for each socket, two for each selector
 */
public record OpenCount(String id, String location, int descriptors) {}
