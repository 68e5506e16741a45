/**
 * Applications that use half-close as it was meant: they pause, wait and linger, yet leak nothing, so whatever the
 * agent does to one of their sockets is damage. Each scenario plays one such use on several connections at once, with
 * pauses derived from the agent's timeout, checks every byte on both ends and leaves no descriptor behind. Only the
 * runner comes in here, through the five public scenarios.
 */
package io.socketreaper.testapp.wellbehaved;
