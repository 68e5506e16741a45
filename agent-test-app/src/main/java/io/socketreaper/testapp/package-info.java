/**
 * A small application that leaks half-closed sockets on purpose, and its runner. A {@link
 * io.socketreaper.testapp.Scenario} tells a story, the runner counts the descriptors it leaves behind. Tests and people
 * start it from the command line; nothing here knows the agent.
 */
package io.socketreaper.testapp;
