package io.socketreaper.log;

/** Where entries go. Never throws, and never waits for the application. Any thread. */
interface Outlet {
    void write(Entry entry);
}
