package io.socketreaper.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.Registered;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("io.socketreaper.Settings")
@Label("Socket Reaper Setting")
@Description("One setting of the agent; every setting is recorded at the beginning and the end of each chunk")
@Category("Socket Reaper")
@Period("everyChunk")
@StackTrace(false)
@Registered(false)
final class SettingEvent extends Event {
    @Label("Name")
    @Description("Name of the setting")
    @Nullable
    String name;

    @Label("Value")
    @Description("The value, in the form in which it is written")
    @Nullable
    String value;

    @Label("Origin")
    @Description("Where it was set, in words; default if it was not set")
    @Nullable
    String origin;
}
