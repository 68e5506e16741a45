package io.socketreaper.control;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of code that opens sockets, or selectors and the like, and those of them that are open. "Sockets" below are all of these.
 *
 * @param id              eight hex digits, the same in every run of the same code; {@code not-sampled} for sockets that were opened faster
 *                        than stacks are taken, {@code before-attach} for those that the agent found later, {@code other} beyond 256 sites
 * @param location        the line of code, {@code Class.method(File:line)}
 * @param port            listening port of accepted sockets, -1 of others
 * @param stack           of its first socket, innermost frame first
 * @param open            open sockets that the question is about
 * @param states          these by {@link io.socketreaper.model.OpenState}, the most frequent first: the TCP state; {@code UNKNOWN} of
 *                        unix-domain sockets; a word for what is no connection
 * @param peers           where most of them are connected to, {@code host:port}; none of accepted sockets
 * @param youngestMillis  for how long the youngest of them has been known
 * @param medianMillis    the same of the one in the middle
 * @param oldestMillis    the same of the oldest
 * @param opened          sockets opened here so far; without those that were closed within half a second
 * @param openedPerMinute of these: in the last minute, null if it is not known that long
 * @param closedPerMinute how many were closed in the last minute, the same
 * @param growth1         how many more sockets of this site are open than a minute ago, null if it is not known that long
 * @param growth10        the same for ten minutes
 * @param growth60        the same for an hour
 * @param growing         whether they pile up
 * @param growingPerMinute by how many a minute, 0 if they do not pile up
 * @param growingMillis   for how long, 0 if they do not pile up
 * @param limitInMillis   when the limit of descriptors is reached if it goes on like this; -1 if that is not known
 */
public record OpenSiteInfo(
        String id,
        String location,
        int port,
        List<String> stack,
        int open,
        Map<String, Integer> states,
        Map<String, Integer> peers,
        long youngestMillis,
        long medianMillis,
        long oldestMillis,
        long opened,
        @Nullable Integer openedPerMinute,
        @Nullable Integer closedPerMinute,
        @Nullable Integer growth1,
        @Nullable Integer growth10,
        @Nullable Integer growth60,
        boolean growing,
        double growingPerMinute,
        long growingMillis,
        long limitInMillis) {}
