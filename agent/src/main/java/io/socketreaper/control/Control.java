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
    /** The counts of the agent, and the settings. */
    Status status();

    /** The same; waits a second if only a second look can tell which sockets the agent does not watch. */
    default Status settledStatus() {
        return status();
    }

    /** Every setting with its current value, in the order of the documentation. Answered at once, on any thread. */
    default List<SettingValue> settings() {
        return status().settings();
    }

    /** All leak sites, those with the most sockets that are still held first. */
    List<SiteInfo> sites();

    /** What became of the leaks that were reported and not released. */
    DryRunInfo dryRun();

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

    /**
     * The lines of code that open sockets, with those that are open; the growing ones first, then those with the most. A second is enough
     * for 100 000 sockets.
     *
     * @throws ControlException unless {@code track=all}, or if there is no such site or state
     */
    List<OpenSiteInfo> open(OpenQuestion question);

    /** The same of all open sockets; empty unless {@code track=all}. */
    List<OpenSiteInfo> allOpen();

    /**
     * The open sockets of one site: the leaks of a leak site that are still held, or what is open of an opening site.
     *
     * @param site {@link SiteInfo#id} or {@link OpenSiteInfo#id}
     * @throws ControlException if there is no such site
     */
    List<SiteDescriptor> descriptors(String site);

    /** The recent past, the oldest first. */
    History history();

    /** What the command {@code holders} has found last in a heap dump of this process; null if it was not used. Answered at once. */
    @Nullable
    HoldersNote holders();

    /** Keeps what the command {@code holders} has found, in place of the last one. Answered at once. */
    void keepHolders(HoldersNote note);

    /**
     * Releases one leak that was found and only reported; the same safety checks apply.
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
     * @return the changes, in words
     * @throws ControlException with every problem; then no setting is changed
     */
    String set(String settings);

    /** Stops finding and releasing leaks; releases that have begun are completed. Idle time counts anew after {@link #resume}. */
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
     * Completes the releases that have begun, restores every class and ends the agent; after that this object answers no request.
     *
     * @return the steps that were done, in words
     * @throws ControlException with the parts that could not be removed
     */
    String detach();
}
