package io.socketreaper.log;

/** Where entries go. Never throws, and never waits for the application. Any thread. */
interface Outlet {
    void write(Entry entry);

    /** Nothing will be written any more: lets go of what it holds. */
    default void close() {
    }
}
