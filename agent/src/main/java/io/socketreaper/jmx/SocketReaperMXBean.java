package io.socketreaper.jmx;

import io.socketreaper.model.DescriptorKind;
import java.util.Map;

/**
 * {@code io.socketreaper:type=SocketReaper}. Attributes are at most a second old; what cannot be answered is an
 * {@link IllegalStateException}, a request that is refused an {@link IllegalArgumentException}.
 */
@Description("Socket Reaper in this JVM")
public interface SocketReaperMXBean {
    @Description("version of the agent")
    String getVersion();

    @Description(value = "number of the process", unit = "pid")
    long getPid();

    @Description(value = "when the agent was loaded", unit = "ms since 1970")
    long getStartTime();

    @Description("true if the agent was attached to a running JVM")
    boolean isAttached();

    @Description("true while leaks are neither found nor released")
    boolean isPaused();

    @Description("true if the agent only observes because of bad settings")
    boolean isObservingOnly();

    @Description("true while few descriptors are left")
    boolean isUnderPressure();

    @Description(value = "open descriptors of the process, -1 if unknown", unit = "descriptors")
    int getOpenDescriptors();

    @Description(value = "how many may be open, -1 if there is no limit or it is unknown", unit = "descriptors")
    long getDescriptorLimit();

    @Description(value = "open descriptors by kind: " + DescriptorKind.NAMES, unit = "descriptors")
    Map<String, Integer> getDescriptorsByKind();

    @Description(value = "sockets that show a sign of a leak, leaks included", unit = "sockets")
    int getSuspects();

    @Description(value = "sockets that are being released", unit = "sockets")
    int getReleasing();

    @Description(value = "leaks found since the agent was loaded, with every outcome", unit = "leaks")
    long getLeaksFound();

    @Description(value = "of these: released by the agent, descriptor gone", unit = "leaks")
    long getLeaksReleased();

    @Description(
            value = "of these: closed or used again by the application, or dropped by it and closed by the JDK",
            unit = "leaks")
    long getLeaksReleasedAfterAll();

    @Description(value = "of these: not touched because of an exclusion", unit = "leaks")
    long getLeaksExcluded();

    @Description(value = "of these: closed by the agent, and the descriptor is still held", unit = "leaks")
    long getLeaksGivenUp();

    @Description(value = "leaks that are still there", unit = "leaks")
    long getLeaksHeld();

    @Description(value = "bytes that were read and discarded", unit = "bytes")
    long getDrainedBytes();

    @Description("the same counts by kind of leak")
    Map<String, CountsData> getLeaksByKind();

    @Description(
            "whether a release would have hurt anyone, from the leaks that were reported and not released, in a sentence")
    String getDryRunVerdict();

    @Description(
            "the settings that release what the dry run calls safe, key=value each; none if it calls no grade safe")
    String[] getAdvisedSettings();

    @Description(
            "leaks that were reported and not released, by site and grade, and how many of them the application came back for")
    DryRunData[] getDryRun();

    @Description("leak sites, those with the most sockets that are still held first; 256 and one for the rest at most")
    SiteData[] getLeakSites();

    @Description("the lines of code that open sockets, the growing ones first; none unless track=all")
    OpenSiteData[] getOpenSites();

    @Description("sockets that show a sign, the longest idle first; 100 at most, socketsOf gives more")
    SocketData[] getSockets();

    @Description("the outcomes of the last leaks, the oldest first; 500 at most")
    ReportData[] getReports();

    @Description("the socket stacks of the JVM and whether they are watched")
    StackData[] getStacks();

    @Description("every setting with its current value")
    SettingData[] getSettings();

    @Description("the problems of the settings")
    String[] getProblems();

    @Description(value = "errors inside the agent", unit = "errors")
    long getInternalErrors();

    @Description("Sockets that show a sign, the longest idle first")
    SocketData[] socketsOf(
            @Description(name = "site", value = "id of a leak site; empty for all") String site,
            @Description(name = "atMost", value = "how many at most, 1 and above", unit = "sockets") int atMost);

    @Description("Releases a leak that was found and only reported; the same safety checks apply")
    AnswerData releaseSocket(
            @Description(name = "id", value = "id of the socket") long id,
            @Description(name = "action", value = "drain, close, drain-doubtful or close-doubtful") String action);

    @Description("Releases all leaks of a site that were only reported; the same safety checks apply")
    AnswerData releaseSite(
            @Description(name = "id", value = "id of the leak site") String id,
            @Description(name = "action", value = "drain, close, drain-doubtful or close-doubtful") String action);

    @Description("Changes settings, all of them or none; returns the settings that are in force now")
    String set(@Description(name = "settings", value = "key=value,key=value") String settings);

    @Description("Stops finding and releasing leaks; releases that have begun are completed")
    void pause();

    @Description("Resumes detection after a pause; idle time counts from now on")
    void resume();

    @Description(
            "Completes the releases that have begun, restores every class and ends the agent; the MBeans are removed, too")
    String detach();
}
