package io.socketreaper.testapp;

/**
 * One realistic server with real clients, in one small program.
 *
 * <p>A scenario opens {@link Run#sockets()} connections, plays its story on each and reports what both ends saw to the
 * {@link Run}. It returns when the story is told: a leaking one as soon as every socket has been half-closed and
 * forgotten (the runner then waits and counts), a well-behaved one when its last byte has been checked. Whatever it
 * leaks must stay reachable through {@link Run#keep}: that is how an application leaks it.
 */
public interface Scenario {
    /** The name on the command line, e.g. {@code smtp-reject}. */
    String name();

    /** One line for {@code list}. */
    String summary();

    /** True: without the agent, server-side descriptors stay open. False: well-behaved, must never be touched. */
    boolean leaks();

    /** True when this JVM can run it; {@link #unsupportedBecause()} says why not. */
    default boolean supported() {
        return unsupportedBecause() == null;
    }

    /** Null, or the reason this JVM cannot run it. */
    default String unsupportedBecause() {
        return null;
    }

    /** Plays the story. Throwing means the scenario itself is broken, not that a connection was damaged. */
    void play(Run run) throws Exception;
}
