/**
 * Selectors: which ones a thread selects on, the work that waits for the beginning of the next selection, and what keeps the
 * descriptor of a closed channel in one. {@code stack.nio} uses it for its claims, {@code runtime} for discovery.
 */
@NullMarked
package io.socketreaper.selector;

import org.jspecify.annotations.NullMarked;
