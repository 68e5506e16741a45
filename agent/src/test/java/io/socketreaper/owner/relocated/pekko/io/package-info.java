/** Just enough of a relocated Pekko: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.pekko.io;
