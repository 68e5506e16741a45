package io.socketreaper.jmx;

import java.util.Map;

/**
 * {@code io.socketreaper:type=SocketReaper}. Attributes are at most a second old; what cannot be answered is an
 * {@link IllegalStateException}, a request that is refused an {@link IllegalArgumentException}.
 */
@About("Socket Reaper in this JVM")
public interface SocketReaperMXBean {
    @About("version of the agent")
    String getVersion();

    @About(value = "number of the process", unit = "pid")
    long getPid();

    @About(value = "when the agent came", unit = "ms since 1970")
    long getStartTime();

    @About("true if the agent came to a running JVM")
    boolean isAttached();

    @About("true while leaks are neither found nor released")
    boolean isPaused();

    @About("true if bad settings keep the agent from releasing anything")
    boolean isObservingOnly();

    @About("true while few descriptors are left")
    boolean isUnderPressure();

    @About(value = "open descriptors of the process, -1 if unknown", unit = "descriptors")
    int getOpenDescriptors();

    @About(value = "how many may be open, -1 if there is no limit or it is unknown", unit = "descriptors")
    long getDescriptorLimit();

    @About(value = "open descriptors by kind: listen, established, close_wait, fin_wait, finished, untracked (of the finished),"
            + " other_tcp, other_sockets, pipes, files, others", unit = "descriptors")
    Map<String, Integer> getDescriptorsByKind();

    @About(value = "sockets that show a sign of a leak, leaks included", unit = "sockets")
    int getSuspects();

    @About(value = "sockets that are being released", unit = "sockets")
    int getReleasing();

    @About(value = "leaks found since the agent came, whatever became of them", unit = "leaks")
    long getLeaksFound();

    @About(value = "of these: released by the agent, descriptor gone", unit = "leaks")
    long getLeaksReleased();

    @About(value = "of these: closed or used again by the application", unit = "leaks")
    long getLeaksReleasedAfterAll();

    @About(value = "of these: kept from being touched by an exclusion", unit = "leaks")
    long getLeaksExcluded();

    @About(value = "of these: closed by the agent, and the descriptor is still held", unit = "leaks")
    long getLeaksGivenUp();

    @About(value = "leaks that are still there", unit = "leaks")
    long getLeaksHeld();

    @About(value = "bytes that were read and discarded", unit = "bytes")
    long getDrainedBytes();

    @About("the same counts by kind of leak")
    Map<String, CountsData> getLeaksByKind();

    @About("leak sites, those with the most sockets that are still held first; 256 and one for the rest at most")
    SiteData[] getLeakSites();

    @About("sockets that show a sign, the longest idle first; 100 at most, socketsOf gives more")
    SocketData[] getSockets();

    @About("what became of the last leaks, the oldest first; 500 at most")
    ReportData[] getReports();

    @About("the socket stacks of the JVM and whether they are watched")
    StackData[] getStacks();

    @About("every setting as it holds")
    SettingData[] getSettings();

    @About("what is wrong with the settings")
    String[] getProblems();

    @About(value = "what went wrong inside the agent", unit = "errors")
    long getInternalErrors();

    @About("Sockets that show a sign, the longest idle first")
    SocketData[] socketsOf(@About(name = "site", value = "id of a leak site; empty for all") String site,
                           @About(name = "atMost", value = "how many at most, 1 and above", unit = "sockets") int atMost);

    @About("Releases a leak that was found and only reported; every veto holds")
    AnswerData releaseSocket(@About(name = "id", value = "id of the socket") long id,
                             @About(name = "action", value = "drain, close, drain-doubtful or close-doubtful") String action);

    @About("Releases all leaks of a site that were only reported; every veto holds")
    AnswerData releaseSite(@About(name = "id", value = "id of the leak site") String id,
                           @About(name = "action", value = "drain, close, drain-doubtful or close-doubtful") String action);

    @About("Changes settings, all of them or none; returns what holds now")
    String set(@About(name = "settings", value = "key=value,key=value") String settings);

    @About("Stops finding and releasing leaks; what is on its way is brought to its end")
    void pause();

    @About("Ends a pause; idle time counts anew")
    void resume();

    @About("Brings what is being released to its end, un-weaves every class and ends the agent; the MBeans go, too")
    String detach();
}
