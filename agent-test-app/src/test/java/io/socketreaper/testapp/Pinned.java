package io.socketreaper.testapp;

/** Pins a virtual thread: it sleeps inside a class initialiser. */
final class Pinned {
    private Pinned() {}

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
