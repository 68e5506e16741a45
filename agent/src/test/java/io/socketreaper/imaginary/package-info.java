/**
 * A world without sockets, threads or time: a clock that a test moves, sockets and descriptors that only exist as facts, a
 * closer that runs when it is told to, and sinks and loggers that remember. The tests of {@code detect}, {@code release} and
 * {@code report} live in it; no class here sleeps or touches the operating system.
 */
package io.socketreaper.imaginary;
