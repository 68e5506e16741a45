/**
 * Netty's native transports, epoll and io_uring, of any Netty 4.1 or 4.2, relocated or not: weaving, members, handle and claim. Their
 * channels are looked at and closed on their own event loop. {@code runtime} names it in one line.
 */
@NullMarked
package io.socketreaper.stack.netty;

import org.jspecify.annotations.NullMarked;
