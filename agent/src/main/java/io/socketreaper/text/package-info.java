/**
 * How numbers and foreign words are written for people. The agent and the command line both call it. It imports no other package, holds
 * no state, and any thread may call it.
 */
@NullMarked
package io.socketreaper.text;

import org.jspecify.annotations.NullMarked;
