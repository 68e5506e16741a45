/**
 * The way from the program to the agent in its JVM, across class loaders: reflection on the entry class and JDK types. For
 * the packages {@code api} and {@code junit} only; nobody else should call it.
 */
package io.socketreaper.bridge;
