package io.socketreaper.owner.relocated.apache.tomcat.util.net;

/** The one event of Tomcat's that the agent sends, and one that it must not. */
public enum SocketEvent {
    DISCONNECT,
    ERROR
}
