package io.socketreaper.owner.relocated.xnio;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;

/** An XNIO connection whose I/O thread runs when a test says so. */
public abstract class Connection {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> calls = new ArrayList<>();
    private Runnable whenClosed = () -> {};

    public final void close() {
        calls.add("close");
        whenClosed.run();
    }

    public void whenClosed(Runnable listener) {
        whenClosed = listener;
    }

    public Executor getIoThread() {
        return tasks::add;
    }

    public List<String> calls() {
        return calls;
    }

    public void runIoThread() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }
}
