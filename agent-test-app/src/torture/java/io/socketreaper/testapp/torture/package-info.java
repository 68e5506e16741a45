/**
 * A random population of connections under the agent, and a checker of what each of them must see. The application's side
 * runs in one child JVM with the agent; the peers run in the JVM of the command, without it. Both compute the same plan of a
 * connection from the seed and its number, so a run can be played again.
 */
package io.socketreaper.testapp.torture;
