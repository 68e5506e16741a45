/**
 * The JDK's objects that have descriptors and are no connections: selectors, datagram channels, pipes and asynchronous listeners. With
 * {@code track=all} they are counted by the line that opened them, and never judged or released. {@code runtime} makes a stack for each
 * {@link io.socketreaper.stack.counted.Counted}.
 */
@NullMarked
package io.socketreaper.stack.counted;

import org.jspecify.annotations.NullMarked;
