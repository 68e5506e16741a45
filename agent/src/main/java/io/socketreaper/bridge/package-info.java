/**
 * Calls from the program to the agent in its JVM, across class loaders: reflection on the entry class, and JDK types. The packages
 * {@code api} and {@code junit} call it, no other.
 */
package io.socketreaper.bridge;
