package io.socketreaper.control;

import io.socketreaper.config.SettingValue;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A running agent, seen from outside. Any thread but the reaper's own; each call is answered by the reaper thread at the end of its
 * round, usually within milliseconds.
 *
 * <p>Every method throws {@link ControlException}, with a sentence for the operator, if the reaper thread does not answer within
 * 10 s, if the agent is being detached, or where a method says so.
 */
public interface Control {
    /** Everything in figures, and the settings. */
    Status status();

    /** Every setting as it holds, in the order of the documentation. Answered at once, on any thread. */
    default List<SettingValue> settings() {
        return status().settings();
    }

    /** All leak sites, those with the most sockets that are still held first. */
    List<SiteInfo> sites();

    /**
     * The sockets that show a sign: suspects, leaks, and those being released, the longest idle first.
     *
     * @param site   id of a leak site; null for all
     * @param atMost how many at most; 1 and above
     * @throws ControlException if there is no such site
     */
    List<SocketInfo> sockets(@Nullable String site, int atMost);

    /** The same of all sites, those that have shown a sign for longest. */
    default List<SocketInfo> oldestSockets(int atMost) {
        return sockets(null, Integer.MAX_VALUE).stream()
                .sorted(Comparator.comparingLong(SocketInfo::ageMillis).reversed())
                .limit(atMost)
                .toList();
    }

    /** What has happened lately, the oldest first. */
    History history();

    /**
     * Releases one leak that was found and only reported; every veto holds.
     *
     * @param socket {@link SocketInfo#id}
     * @throws ControlException if there is no such socket
     */
    ReleaseAnswer releaseSocket(long socket, ReleaseRequest action);

    /**
     * The same for all leaks of a site.
     *
     * @param site {@link SiteInfo#id}
     */
    ReleaseAnswer releaseSite(String site, ReleaseRequest action);

    /**
     * Changes settings, all of them or none.
     *
     * @param settings {@code key=value,key=value}, as for an attach
     * @return what was changed, in words
     * @throws ControlException with every problem, and then nothing is changed
     */
    String set(String settings);

    /** Stops finding and releasing leaks; what is on its way is brought to its end. Idle time counts anew after {@link #resume}. */
    void pause();

    /**
     * The command line has raised the limit of descriptors so that the agent can answer, and will put it back. Answered at once.
     *
     * @param raised what holds meanwhile
     * @param real   what will hold afterwards
     */
    void limitRaised(long raised, long real);

    /** Ends a {@link #pause}. */
    void resume();

    /**
     * Brings what is being released to its end, un-weaves every class and ends the agent; after that this object answers nothing.
     *
     * @return what was done, in words
     * @throws ControlException with what is left, if not all could be taken out
     */
    String detach();
}
