/** Just enough of a relocated Grizzly: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.glassfish.grizzly.filterchain;
