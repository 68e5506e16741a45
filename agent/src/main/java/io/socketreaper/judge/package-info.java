/**
 * Evidence in, verdict out: the whole safety argument of the agent as one pure table. No clock, no socket, no I/O, so a
 * reviewer can read it and a test can enumerate it. Called by {@code watch} for every check and once more by
 * {@code release} under the socket's own lock.
 */
package io.socketreaper.judge;
