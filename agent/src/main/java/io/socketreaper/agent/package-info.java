/**
 * The front door and the assembly: starts the core in its own class loader, wires the rooms together, and runs the one
 * thread that everything after the hook happens on.
 */
package io.socketreaper.agent;
