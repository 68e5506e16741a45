package io.socketreaper.report;

import io.socketreaper.leak.UnwatchedDescriptors;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.text.HumanText;

/** Descriptors pile up that the agent does not watch. */
record UnwatchedLogEvent(UnwatchedDescriptors unwatched) implements LogEvent {
    @Override
    public String name() {
        return "unwatched";
    }

    @Override
    public void facts(LogFields facts) {
        facts.text("kind", unwatched.kind().toString());
        facts.number("count", unwatched.count());
        facts.number("least", unwatched.least());
        facts.number("minutes", unwatched.minutes());
    }

    @Override
    public String toString() {
        return what() + ", in the last "
                + (unwatched.minutes() == 1
                        ? "minute never fewer than "
                        : unwatched.minutes() + " minutes never fewer than ")
                + unwatched.least()
                + "; track=half-closed does not watch them. `socket-reaper set PID track=all` watches what is opened from then on,"
                + " `socket-reaper holders PID" + (unwatched.kind() == DescriptorKind.SELECTORS ? " --all" : "")
                + "` shows which objects keep them";
    }

    private String what() {
        return switch (unwatched.kind()) {
            case UNWATCHED_CLOSE_WAIT ->
                HumanText.count(
                        unwatched.count(),
                        "socket is in CLOSE_WAIT, whose peer has closed and the application has not",
                        "sockets are in CLOSE_WAIT, whose peers have closed and the application has not");
            case UNTRACKED ->
                HumanText.count(
                        unwatched.count(), "socket is finished and still held", "sockets are finished and still held");
            case SELECTORS ->
                HumanText.count(unwatched.count(), "selector is", "selectors are") + " open, and they become more";
            default ->
                HumanText.count(unwatched.count(), "descriptor is", "descriptors are")
                        + " open that are no sockets, files, pipes or selectors (io_uring, inotify and the like), and"
                        + " they become more";
        };
    }
}
