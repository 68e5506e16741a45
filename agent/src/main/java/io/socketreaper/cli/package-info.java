/**
 * The command-line tool: what {@code java -jar socket-reaper.jar COMMAND} does, one class per command. It runs in its own JVM,
 * reads other processes through {@code procfs} and talks to agents by attaching; the agent loads no class of it.
 * A new command is a {@link io.socketreaper.cli.CliCommand} and a line in {@link io.socketreaper.cli.Main}.
 */
@NullMarked
package io.socketreaper.cli;

import org.jspecify.annotations.NullMarked;
