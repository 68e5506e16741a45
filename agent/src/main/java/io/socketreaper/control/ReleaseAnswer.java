package io.socketreaper.control;

/**
 * What became of a request for release.
 *
 * @param begun  sockets whose release has begun; the log says how each ended
 * @param spared sockets that a veto or an exclusion keeps from being touched, or that could not be claimed just now
 * @param notYet sockets that are suspects and no leaks yet
 * @param doubtful leaks that were left alone because their release may lose something, which the request did not allow
 */
public record ReleaseAnswer(int begun, int spared, int notYet, int doubtful) {}
