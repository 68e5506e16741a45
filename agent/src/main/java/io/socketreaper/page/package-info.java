/**
 * The status page: who may read it, who may change what, and what stands behind each address. It shows what {@code html} renders of
 * what {@code control} says, over the server of {@code http}. {@code agent} opens it if it is set, and loads nothing of it otherwise.
 */
@NullMarked
package io.socketreaper.page;

import org.jspecify.annotations.NullMarked;
