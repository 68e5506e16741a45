package io.socketreaper.testapp.stack;

/** Pins a virtual thread to its carrier: the thread sleeps inside a class initialiser. */
final class PinnedVirtualThread {
    private PinnedVirtualThread() {}

    static final class Waits {
        static final long WOKEN = wait100Millis();

        private static long wait100Millis() {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return System.nanoTime();
        }
    }

    public static void main(String[] arguments) throws Exception {
        var virtual = (Thread) Thread.class
                .getMethod("startVirtualThread", Runnable.class)
                .invoke(null, (Runnable) () -> System.out.println("woken at " + Waits.WOKEN));
        virtual.join();
    }
}
