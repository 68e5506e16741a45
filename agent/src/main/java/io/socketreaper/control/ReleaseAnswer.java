package io.socketreaper.control;

/**
 * The result of a request for release.
 *
 * @param begun  sockets whose release has begun; the log says how each ended
 * @param spared sockets that were not touched because of a veto or an exclusion, or because they could not be claimed
 * @param notYet sockets that are suspects and no leaks yet
 * @param doubtful leaks that were not touched because their release may lose data, which the request did not allow
 */
public record ReleaseAnswer(int begun, int spared, int notYet, int doubtful) {}
