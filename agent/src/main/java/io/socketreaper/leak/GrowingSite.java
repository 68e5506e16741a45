package io.socketreaper.leak;

/**
 * The open sockets of a line of code have begun to pile up, or have stopped. It is only reported: no single one of them is proven to be
 * a leak.
 *
 * @param id              of the opening site
 * @param location        the first application frame, {@code Class.method(File:line)}
 * @param port            listening port of accepted sockets, -1 of others
 * @param stack           of its first socket, innermost frame first
 * @param growing         false if it has stopped
 * @param open            sockets that are open
 * @param perMinute       sockets a minute by which it grows; 0 if it has stopped
 * @param sinceMillis     for how long it has been rising, milliseconds; 0 if it has stopped
 * @param descriptors     open descriptors of the process, -1 if unknown
 * @param limit           how many may be open, -1 if there is no limit or it is unknown
 */
public record GrowingSite(
        String id,
        String location,
        int port,
        StackTraceElement[] stack,
        boolean growing,
        int open,
        double perMinute,
        long sinceMillis,
        int descriptors,
        long limit) {
    private static final double MILLIS_PER_MINUTE = 60_000;

    /** Milliseconds until the limit of descriptors is reached if it goes on like this; -1 if that is not known, or it has stopped. */
    public long millisToLimit() {
        return millisToLimit(perMinute, descriptors, limit);
    }

    /** The same of any growth. */
    public static long millisToLimit(double perMinute, int descriptors, long limit) {
        return perMinute <= 0 || descriptors < 0 || limit <= 0
                ? -1
                : (long) (Math.max(0, limit - descriptors) / perMinute * MILLIS_PER_MINUTE);
    }
}
