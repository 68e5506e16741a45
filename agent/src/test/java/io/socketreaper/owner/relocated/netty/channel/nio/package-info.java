/** Just enough of a Netty that some product carries under another name: owners are recognised by how class names end. */
package io.socketreaper.owner.relocated.netty.channel.nio;
