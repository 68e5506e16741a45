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
@Description(
        "One setting of the agent as it holds; all of them at the beginning and the end of every chunk of a recording")
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
    @Description("As it would be written")
    @Nullable
    String value;

    @Label("Origin")
    @Description("Who set it, in words; default if nobody did")
    @Nullable
    String origin;
}
