/** Just enough of a relocated Jetty: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.eclipse.jetty.io.ssl;
