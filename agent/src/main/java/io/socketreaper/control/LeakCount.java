package io.socketreaper.control;

/**
 * Some of the leaks of a kind.
 *
 * @param kind  kind of leak
 * @param what  what they have in common: a grade, or what became of them
 * @param count how many
 */
public record LeakCount(String kind, String what, long count) {}
