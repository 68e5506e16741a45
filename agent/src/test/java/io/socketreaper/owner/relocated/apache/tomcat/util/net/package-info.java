/** Just enough of a relocated Tomcat: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.apache.tomcat.util.net;
