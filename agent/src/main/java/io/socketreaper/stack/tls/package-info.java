/**
 * The JDK's {@code SSLSocket} as a layer above a socket: the input it has decrypted, the directions that have ended, its locks. It is
 * no stack of its own; the handles of {@code classic} and {@code nio} ask it. It knows the private members of
 * {@code sun.security.ssl.SSLSocketImpl}, and where a JDK names them differently, a TLS socket counts as in use.
 */
@NullMarked
package io.socketreaper.stack.tls;

import org.jspecify.annotations.NullMarked;
