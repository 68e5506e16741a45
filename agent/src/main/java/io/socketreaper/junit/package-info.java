/**
 * For test suites with JUnit Jupiter: {@link io.socketreaper.junit.NoSocketLeaks}. Knows the agent through {@code bridge}
 * only, and attaches it where it is not there yet. Needs JUnit Jupiter, which the test suite brings along; tried with 6.1.
 */
@NullMarked
package io.socketreaper.junit;

import org.jspecify.annotations.NullMarked;
