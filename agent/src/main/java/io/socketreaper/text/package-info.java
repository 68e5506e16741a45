/**
 * How numbers and foreign words are written for people. The agent and the command line both call it. It imports no other package, holds
 * no state, and any thread may call it.
 */
package io.socketreaper.text;
