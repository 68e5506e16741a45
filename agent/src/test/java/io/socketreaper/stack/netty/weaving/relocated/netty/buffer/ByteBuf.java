package io.socketreaper.stack.netty.weaving.relocated.netty.buffer;

/** What a relocated Netty's class looks like to the agent. */
public class ByteBuf {}
