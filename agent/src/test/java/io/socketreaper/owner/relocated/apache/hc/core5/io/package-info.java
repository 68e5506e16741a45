/** Just enough of a relocated HttpCore 5: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.apache.hc.core5.io;
