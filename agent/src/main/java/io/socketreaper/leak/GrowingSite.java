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
 * @param open            how many are open
 * @param onlyCounted     of these: selectors, datagram sockets, pipes and asynchronous listeners, whose use is not watched
 * @param perMinute       by how many a minute it grows; 0 if it has stopped
 * @param allPerMinute    descriptors a minute by which all growing sites grow together
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
        int onlyCounted,
        double perMinute,
        double allPerMinute,
        long sinceMillis,
        int descriptors,
        long limit) {
    private static final double MILLIS_PER_MINUTE = 60_000;
    private static final double FORESEEABLE_MILLIS = 7 * 24 * 60 * MILLIS_PER_MINUTE;

    /** Milliseconds until the limit of descriptors is reached if all sites go on like this; -1 if that is not foreseeable. */
    public long millisToLimit() {
        return millisToLimit(allPerMinute, descriptors, limit);
    }

    /** The same of any growth; what takes longer than a week is not foreseeable. */
    public static long millisToLimit(double perMinute, int descriptors, long limit) {
        if (perMinute <= 0 || descriptors < 0 || limit <= 0) {
            return -1;
        }
        double millis = Math.max(0, limit - descriptors) / perMinute * MILLIS_PER_MINUTE;
        return millis > FORESEEABLE_MILLIS ? -1 : (long) millis;
    }
}
