/** Just enough of a relocated HttpCore 4: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.apache.http.nio.reactor;
