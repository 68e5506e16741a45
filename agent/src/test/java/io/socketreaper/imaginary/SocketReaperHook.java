package io.socketreaper.imaginary;

/** By its name the agent knows which frames of a stack are its own: those inside this one's. */
public final class SocketReaperHook {
    private SocketReaperHook() {}

    /** A socket that the caller connects or accepts now. */
    public static ImaginarySocket opened(World world) {
        ImaginarySocket socket = world.socket().established();
        world.events.opened(socket);
        return socket;
    }
}
