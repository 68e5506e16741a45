package io.socketreaper.http;

/** A thread of an outlet: its sockets are the agent's own. */
public final class OutletThread extends Thread {
    OutletThread(Runnable task, String name) {
        super(root(), task, name, 0, false);
        setDaemon(true);
        // where the HTTP server looks for its parts
        setContextClassLoader(OutletThread.class.getClassLoader());
    }

    /** One for what opens an outlet, so that the listening socket is the agent's own, too. */
    public static OutletThread start(String name, Runnable task) {
        var thread = new OutletThread(task, name);
        thread.start();
        return thread;
    }

    private static ThreadGroup root() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }
}
