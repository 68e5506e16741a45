/**
 * Calls from the program to the agent in its JVM, across class loaders: reflection on the entry class, and JDK types. The packages
 * {@code api} and {@code junit} ask through it; {@code control} and {@code runtime} answer with its records.
 */
@NullMarked
package io.socketreaper.bridge;

import org.jspecify.annotations.NullMarked;
