/**
 * The descriptors of this process and what the kernel tells of them: numbers, inodes, kinds, limits, options and send queues, from
 * {@code /proc/self} and the JDK's own natives. It knows no socket object. The reaper thread calls it, except where a method
 * names another thread.
 */
@NullMarked
package io.socketreaper.descriptor;

import org.jspecify.annotations.NullMarked;
