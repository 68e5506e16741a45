package io.socketreaper.jfr;

import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.report.ShortageText;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Registered;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.socketreaper.Pressure")
@Label("Descriptor Pressure")
@Description("Few descriptors are left, or none, or enough again")
@Category("Socket Reaper")
@StackTrace(false)
@Registered(false)
final class PressureEvent extends Event {
    @Label("State")
    @Description(
            "begun or ended; exhausted when a socket could not be opened or accepted, left when descriptors are available again")
    @Nullable
    String state;

    @Label("Open Descriptors")
    @Description("Of the process; of an exhaustion at the first failure")
    int openDescriptors;

    @Label("Descriptor Limit")
    @Description("How many the process may have open")
    long descriptorLimit;

    @Label("Lasted")
    @Description("Since it began, or since the first failure; not available when it begins")
    @Timespan(Timespan.MILLISECONDS)
    long lasted;

    @Label("Released")
    @Description("Leaked sockets that the agent has released since")
    long released;

    @Label("Message")
    @Description("The text of the log")
    @Nullable
    String message;

    void of(DescriptorShortage shortage) {
        message = ShortageText.of(shortage);
        state = shortage.stage().state();
        openDescriptors = shortage.open();
        descriptorLimit = shortage.limit();
        lasted = shortage.lastedMillis() < 0 ? SocketEvent.UNKNOWN : shortage.lastedMillis();
        released = shortage.released();
    }
}
