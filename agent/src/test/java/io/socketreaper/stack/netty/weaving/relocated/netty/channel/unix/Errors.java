package io.socketreaper.stack.netty.weaving.relocated.netty.channel.unix;

import java.io.IOException;

/** What a relocated Netty's class looks like to the agent. */
public final class Errors {
    private Errors() {}

    /** What an error of the kernel becomes. */
    public static final class NativeIoException extends IOException {
        private static final long serialVersionUID = 1;

        public NativeIoException(String method, int error) {
            super(method + " " + error);
        }
    }

    public static NativeIoException newIOException(String method, int error) {
        return new NativeIoException(method, error);
    }

    public static NativeIoException newConnectionResetException(String method, int error) {
        return new NativeIoException(method, error);
    }
}
