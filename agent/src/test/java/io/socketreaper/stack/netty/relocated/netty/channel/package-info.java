/** As much of Netty's native epoll transport as the agent knows, under another name, driven by a test. */
package io.socketreaper.stack.netty.relocated.netty.channel;
