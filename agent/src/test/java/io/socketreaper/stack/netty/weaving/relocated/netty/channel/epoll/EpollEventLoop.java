package io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll;

/** What a relocated Netty's class looks like to the agent. */
public class EpollEventLoop {
    public EpollEventLoop() {
        this(0);
    }

    public EpollEventLoop(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException();
        }
    }

    public void cleanup() {
        // closes its descriptors
    }
}
