/** Just enough of a relocated XNIO: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.xnio.conduits;
