package io.socketreaper.heap;

/** What a program calls an object that has a descriptor of the network. */
public enum SocketType {
    SOCKET("Socket"),
    SERVER_SOCKET("ServerSocket"),
    SOCKET_CHANNEL("SocketChannel"),
    SERVER_SOCKET_CHANNEL("ServerSocketChannel"),
    DATAGRAM_CHANNEL("DatagramChannel"),
    ASYNC_CHANNEL("AsynchronousSocketChannel"),
    ASYNC_SERVER_CHANNEL("AsynchronousServerSocketChannel"),
    NETTY("Netty native socket"),
    SELECTOR("Selector"),
    PIPE("Pipe");

    private final String word;

    SocketType(String word) {
        this.word = word;
    }

    /** Whether its descriptor is one that a connection or a datagram socket has: no listener, selector or pipe. */
    public boolean isConnection() {
        return switch (this) {
            case SERVER_SOCKET, SERVER_SOCKET_CHANNEL, ASYNC_SERVER_CHANNEL, SELECTOR, PIPE -> false;
            case SOCKET, SOCKET_CHANNEL, DATAGRAM_CHANNEL, ASYNC_CHANNEL, NETTY -> true;
        };
    }

    /** Whether the kernel calls its descriptor a socket. */
    public boolean isSocket() {
        return this != SELECTOR && this != PIPE;
    }

    @Override
    public String toString() {
        return word;
    }
}
