/** JVMs that have few descriptors left, or none. */
package io.socketreaper.testapp.pressure;
