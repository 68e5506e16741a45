package io.socketreaper.owner.relocated.xnio.nio;

/** What keys are attached to in a relocated XNIO. */
public abstract class NioHandle {
    abstract void forceTermination();
}
