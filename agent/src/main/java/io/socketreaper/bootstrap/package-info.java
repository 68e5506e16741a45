/**
 * The entry classes: the JVM calls {@link io.socketreaper.bootstrap.Agent} for {@code -javaagent} and for an attach, and
 * {@link io.socketreaper.bootstrap.CoreLoader} loads all other packages apart from the application. Both are compiled for Java 8, so that an old JVM gets one
 * clear line instead of an exception. They call no other package by name except {@code runtime.CoreStart}.
 */
@NullMarked
package io.socketreaper.bootstrap;

import org.jspecify.annotations.NullMarked;
