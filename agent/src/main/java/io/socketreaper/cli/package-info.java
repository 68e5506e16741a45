/**
 * The one-jar tool: what {@code java -jar socket-reaper.jar COMMAND} does, one class per command. It runs in its own JVM,
 * looks at other processes through {@code proc} and talks to agents from outside; the agent never loads a class of it.
 * A new command is a {@link io.socketreaper.cli.CliCommand} and a line in {@link io.socketreaper.cli.Main}.
 */
package io.socketreaper.cli;
