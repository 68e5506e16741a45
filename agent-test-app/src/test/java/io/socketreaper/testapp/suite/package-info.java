/** Test classes that lose sockets and such that do not; {@code NoSocketLeaksIT} runs them in child JVMs. */
package io.socketreaper.testapp.suite;
