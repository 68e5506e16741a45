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

    /** The caller does something of which the hook tells. */
    public static void tell(Runnable event) {
        event.run();
    }
}
