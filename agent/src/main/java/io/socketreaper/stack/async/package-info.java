/**
 * The JDK's {@code AsynchronousSocketChannel}, TCP and unix-domain: weaving, fields, handle, claim and hook probe. {@code runtime} names
 * it in one line.
 */
@NullMarked
package io.socketreaper.stack.async;

import org.jspecify.annotations.NullMarked;
