/**
 * What the programs under {@code src/corpus} share: real libraries with real peers, each one source file that a child JVM
 * compiles and runs against its own jars. {@code docs/corpus.md} lists them.
 */
package io.socketreaper.testapp.corpus;
