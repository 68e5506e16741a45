package io.socketreaper.jfr;

import io.socketreaper.control.Status;
import io.socketreaper.model.DescriptorKind;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.Registered;
import jdk.jfr.StackTrace;

@Name("io.socketreaper.Census")
@Label("Descriptor Census")
@Description("The open descriptors of the process by kind, and the agent's counts, every 10 s")
@Category("Socket Reaper")
@Period("10 s")
@StackTrace(false)
@Registered(false)
final class CensusEvent extends Event {
    @Label("Open Descriptors")
    @Description("Of the process; -1 if unknown")
    int openDescriptors;

    @Label("Descriptor Limit")
    @Description("How many the process may have open; -1 if there is no limit or it is unknown")
    long descriptorLimit;

    @Label("Listening")
    @Description("TCP sockets that listen")
    int listen;

    @Label("Established")
    @Description("TCP connections that both sides may use")
    int established;

    @Label("Close-Wait")
    @Description("TCP connections that the peer has ended")
    int closeWait;

    @Label("Fin-Wait")
    @Description("TCP connections that this process has ended")
    int finWait;

    @Label("Finished")
    @Description("TCP sockets that are finished or were never connected")
    int finished;

    @Label("Untracked")
    @Description("Of the finished: those that the agent does not watch")
    int untracked;

    @Label("Other TCP")
    @Description("TCP connections that are just being opened or closed")
    int otherTcp;

    @Label("Other Sockets")
    @Description("Unix-domain, UDP and other sockets")
    int otherSockets;

    @Label("Pipes")
    @Description("Ends of pipes")
    int pipes;

    @Label("Selectors")
    @Description("Selectors: epoll instances")
    int selectors;

    @Label("Eventfds")
    @Description("Eventfds, by which selectors and event loops are woken")
    int eventfds;

    @Label("Files")
    @Description("Files, directories and devices")
    int files;

    @Label("Others")
    @Description("io_uring, inotify, timerfd and the like")
    int others;

    @Label("Unwatched Close-Wait")
    @Description("Of Close-Wait: those that the agent does not watch")
    int unwatchedCloseWait;

    @Label("Unwatched Fin-Wait")
    @Description("Of Fin-Wait: those that the agent does not watch")
    int unwatchedFinWait;

    @Label("Suspects")
    @Description("Sockets that show a sign of a leak, leaks included")
    int suspects;

    @Label("Releasing")
    @Description("Sockets that are being released")
    int releasing;

    @Label("Found")
    @Description("Leaks found since the agent was loaded")
    long found;

    @Label("Released")
    @Description("Of these: released by the agent")
    long released;

    @Label("Released After All")
    @Description("Of these: closed or used again by the application, or dropped by it and closed by the JDK")
    long releasedAfterAll;

    @Label("Drained")
    @Description("Bytes that were read and discarded since the agent was loaded")
    @DataAmount
    long drainedBytes;

    void of(Status status) {
        openDescriptors = status.open();
        descriptorLimit = status.limit();
        listen = status.count(DescriptorKind.LISTEN);
        established = status.count(DescriptorKind.ESTABLISHED);
        closeWait = status.count(DescriptorKind.CLOSE_WAIT);
        finWait = status.count(DescriptorKind.FIN_WAIT);
        finished = status.count(DescriptorKind.FINISHED);
        untracked = status.count(DescriptorKind.UNTRACKED);
        otherTcp = status.count(DescriptorKind.OTHER_TCP);
        otherSockets = status.count(DescriptorKind.OTHER_SOCKETS);
        pipes = status.count(DescriptorKind.PIPES);
        selectors = status.count(DescriptorKind.SELECTORS);
        eventfds = status.count(DescriptorKind.EVENTFDS);
        files = status.count(DescriptorKind.FILES);
        others = status.count(DescriptorKind.OTHERS);
        unwatchedCloseWait = status.count(DescriptorKind.UNWATCHED_CLOSE_WAIT);
        unwatchedFinWait = status.count(DescriptorKind.UNWATCHED_FIN_WAIT);
        suspects = status.suspects();
        releasing = status.releasing();
        found = status.total().found();
        released = status.total().released();
        releasedAfterAll = status.total().releasedAfterAll();
        drainedBytes = status.total().drainedBytes();
    }
}
