/**
 * The JDK's {@code SocketChannel} and {@code ServerSocketChannel}: weaving, fields, handles, claims and hook probes. The only package
 * that knows the private members of {@code sun.nio.ch.SocketChannelImpl} and {@code ServerSocketChannelImpl}. {@code runtime} names it in
 * one line for each stack.
 */
@NullMarked
package io.socketreaper.stack.nio;

import org.jspecify.annotations.NullMarked;
