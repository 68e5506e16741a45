/**
 * Any process from outside, as {@code /proc} of Linux shows it: descriptors, limits, socket tables, and what several looks
 * at them tell about sockets that are over but held. Nothing is attached to, opened or sent to the process. Called by
 * {@code cli} only; the agent looks at its own process through {@code socket}.
 */
package io.socketreaper.proc;
