/** Just enough of a relocated MINA: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.apache.mina.core.session;
