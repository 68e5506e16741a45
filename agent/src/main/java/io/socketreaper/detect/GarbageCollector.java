package io.socketreaper.detect;

/** Asks the JVM for garbage collections, on a thread that may block. */
public interface GarbageCollector {
    /** Begins a collection, unless one is under way. */
    void ask();

    /** True from {@link #ask} until it has ended. */
    boolean isUnderWay();

    /** False if the last one that ended has collected no object, as with {@code -XX:+DisableExplicitGC}. */
    boolean isEffective();
}
