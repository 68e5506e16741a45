/**
 * The one HTTP server inside the JVM, for metrics and status page: small bounds, few threads, nothing beyond loopback
 * unless told so twice. {@link io.socketreaper.http.HttpOutlet} is all that others use; nobody else knows which server it
 * is, and nothing of this package is loaded unless an outlet is set.
 */
@NullMarked
package io.socketreaper.http;

import org.jspecify.annotations.NullMarked;
