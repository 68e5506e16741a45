/**
 * Servers that half-close a connection and forget it while the client still has something to say. Each class is one
 * scenario or a part that several of them share. Only the list of scenarios calls in here.
 */
package io.socketreaper.testapp.leaking;
