/**
 * The JDK's {@code java.net.Socket}: weaving, fields, handle, claim and hook probe. The only package that knows the private members of
 * {@code sun.nio.ch.NioSocketImpl}. {@code runtime} names it in one line.
 */
@NullMarked
package io.socketreaper.stack.classic;

import org.jspecify.annotations.NullMarked;
