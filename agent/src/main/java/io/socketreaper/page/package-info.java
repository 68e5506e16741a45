/**
 * The status page: its access rules and the handler of each address. It shows what {@code html} renders of
 * what {@code control} says, over the server of {@code http}. It is loaded and opened only if it is set.
 */
@NullMarked
package io.socketreaper.page;

import org.jspecify.annotations.NullMarked;
