/**
 * Knows class files: one file per socket stack says which methods of the JDK call the hook, and when. It decides nothing.
 * Called once at start by {@code agent}, and by the JVM whenever it loads a class.
 */
package io.socketreaper.weave;
