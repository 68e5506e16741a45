/**
 * For test suites with JUnit Jupiter: {@link io.socketreaper.junit.NoSocketLeaks}. Knows the agent through {@code bridge}
 * only, and attaches it where it is not there yet. Needs JUnit Jupiter 5.8 or newer, which the test suite brings along.
 */
package io.socketreaper.junit;
