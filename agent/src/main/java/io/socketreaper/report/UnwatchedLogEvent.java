package io.socketreaper.report;

import io.socketreaper.leak.UnwatchedDescriptors;
import io.socketreaper.log.LogEvent;
import io.socketreaper.log.LogFields;
import io.socketreaper.model.DescriptorKind;

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
        return what() + ", in the last " + unwatched.minutes() + " minutes never fewer than " + unwatched.least()
                + "; track=half-closed does not watch them. `socket-reaper set PID track=all` watches what is opened from then on,"
                + " `socket-reaper holders PID" + (unwatched.kind() == DescriptorKind.OTHERS ? " --all" : "")
                + "` shows which objects keep them";
    }

    private String what() {
        return switch (unwatched.kind()) {
            case UNWATCHED_CLOSE_WAIT ->
                unwatched.count() + " sockets are in CLOSE_WAIT, whose peers have closed and the application has not";
            case UNTRACKED -> unwatched.count() + " sockets are finished and still held";
            default -> unwatched.count() + " selectors and the like (epoll, eventfd) are open, and they become more";
        };
    }
}
