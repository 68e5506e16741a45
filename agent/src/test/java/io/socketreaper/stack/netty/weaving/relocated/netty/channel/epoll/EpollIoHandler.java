package io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll;

/** What a relocated Netty's class looks like to the agent. */
public class EpollIoHandler {
    public EpollIoHandler() {
        this(0);
    }

    public EpollIoHandler(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException();
        }
    }

    public void destroy() {
        // closes its descriptors
    }
}
