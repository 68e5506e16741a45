package io.socketreaper.heap;

/** Is told how far the reading of a dump is; called on the thread that reads. */
@FunctionalInterface
public interface Progress {
    /**
     * Tells a step.
     *
     * @param what  what is being done, e.g. {@code searching}
     * @param done  objects so far
     * @param total objects in all
     */
    void at(String what, long done, long total);
}
