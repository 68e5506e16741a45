package io.socketreaper.selector;

import java.lang.ref.WeakReference;

/** A thread that selects, and its name for reports after it has ended. */
final class Selecting extends WeakReference<Thread> {
    private final String name;

    Selecting(Thread thread) {
        super(thread);
        this.name = thread.getName();
    }

    /** For a report. Any thread. */
    String describe() {
        Thread thread = get();
        String current = thread == null ? name : thread.getName();
        return (current.isEmpty() ? "a thread without a name" : "thread \"" + current + "\"")
                + (thread != null && thread.isAlive() ? "" : ", which has ended");
    }
}
