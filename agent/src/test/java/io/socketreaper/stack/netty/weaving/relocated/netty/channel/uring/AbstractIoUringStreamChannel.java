package io.socketreaper.stack.netty.weaving.relocated.netty.channel.uring;

/** What a relocated Netty's class looks like to the agent. */
public class AbstractIoUringStreamChannel extends AbstractIoUringChannel {
    public final Object unsafe = new IoUringStreamUnsafe();
    public int completed;

    /** Made by the channel, and ends its reads. */
    public class IoUringStreamUnsafe {
        public void readComplete0(byte op, int result, int flags, short data, int outstanding) {
            completed = result;
        }
    }
}
