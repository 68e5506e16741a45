package io.socketreaper.imaginary;

import java.util.concurrent.FutureTask;

/** By its name the agent knows which frames of a stack are its own: those inside this one's. */
public final class SocketReaperHook {
    private SocketReaperHook() {}

    /** A socket that the caller connects or accepts now. */
    public static ImaginarySocket opened(World world) {
        ImaginarySocket socket = world.socket().established();
        world.events.opened(socket);
        return socket;
    }

    /** The same on a thread on whose stack is no class but those of the JDK, as those of many frameworks have none of the application. */
    public static void tellWithoutTheApplication(Runnable event) throws InterruptedException {
        var thread = new Thread(new FutureTask<>(() -> tell(event), null));
        thread.start();
        thread.join();
    }

    /** The caller does something of which the hook tells. */
    public static void tell(Runnable event) {
        event.run();
    }
}
