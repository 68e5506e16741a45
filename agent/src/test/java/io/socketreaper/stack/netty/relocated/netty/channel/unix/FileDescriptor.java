package io.socketreaper.stack.netty.relocated.netty.channel.unix;

/** What a relocated Netty's class looks like to the agent. */
public class FileDescriptor {
    private final int number;

    public FileDescriptor(int number) {
        this.number = number;
    }

    public final int intValue() {
        return number;
    }
}
