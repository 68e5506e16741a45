/**
 * The one HTTP server inside the JVM, for metrics and status page: small bounds, few threads, and only loopback
 * addresses unless a second setting allows others. Other packages use only {@link io.socketreaper.http.HttpOutlet} and do not know
 * which server it is; the package is loaded only if an outlet is set.
 */
@NullMarked
package io.socketreaper.http;

import org.jspecify.annotations.NullMarked;
