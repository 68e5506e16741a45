package io.socketreaper.control;

/**
 * The leaks of one site and grade that were reported and not released, since the timeout that holds for them was last changed. Durations
 * are milliseconds.
 *
 * @param site      id of the leak site
 * @param kind      kind of leak
 * @param grade     proven, strong, weak or doubtful, as it was when they were found
 * @param location  the line of code to blame, {@code Class.method(File:line)}
 * @param reported  how many were reported; without those that were released later
 * @param used      of these: read or written by the application later, and perhaps closed after that
 * @param closed    of these: closed by the application later, without a read or write in between
 * @param watched   of these: not touched since, and watched for long enough to tell ({@link DrainAdvice#enoughMillis})
 * @param since     time since the first was reported
 * @param leastIdle the shortest time for which one was idle when it was reported
 * @param shortest  the shortest time for which one was idle until the application came back for it; 0 if it never has
 * @param longest   the longest such time; 0 if it never has
 * @param timeout   the timeout that holds for that kind and grade
 * @param action    what is done about such a leak now, a word of the setting {@code action}
 */
public record DryRunRow(
        String site,
        String kind,
        String grade,
        String location,
        long reported,
        long used,
        long closed,
        long watched,
        long since,
        long leastIdle,
        long shortest,
        long longest,
        long timeout,
        String action) {
    /** Of these: not touched by the application since. */
    public long untouched() {
        return Math.max(0, reported - cameBack());
    }

    /** Of these: read, written or closed by the application later. */
    public long cameBack() {
        return used + closed;
    }
}
