package io.socketreaper.runtime;

import io.socketreaper.thread.ApplicationThread;

/** Is told that the application could not open or accept a socket, perhaps because no descriptor is left. */
public interface FailureListener {
    @ApplicationThread
    void openFailed();
}
