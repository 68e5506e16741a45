package io.socketreaper.heap;

/** Numbers, first in first out, in an array that grows: four bytes each. Not thread-safe. */
final class IntQueue {
    private static final int FIRST = 1 << 10;

    private int[] ring = new int[FIRST];
    private int first;
    private int size;

    void add(int number) {
        if (size == ring.length) {
            int[] larger = new int[size + Math.max(FIRST, size >> 1)];
            System.arraycopy(ring, first, larger, 0, size - first);
            System.arraycopy(ring, 0, larger, size - first, first);
            ring = larger;
            first = 0;
        }
        int at = first + size;
        ring[at >= ring.length || at < 0 ? at - ring.length : at] = number;
        size++;
    }

    int remove() {
        int number = ring[first];
        first = first + 1 == ring.length ? 0 : first + 1;
        size--;
        return number;
    }

    boolean isEmpty() {
        return size == 0;
    }
}
