/** How the agent comes into a JVM, what it leaves alone there, and what settings make of it. */
package io.socketreaper.testapp.start;
