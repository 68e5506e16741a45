/** The command line: what it says of a process, and what it has the agent do. */
package io.socketreaper.testapp.command;
