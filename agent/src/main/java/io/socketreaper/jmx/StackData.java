package io.socketreaper.jmx;

import io.socketreaper.control.Status;

/** One socket stack. */
public final class StackData {
    private final Status.Stack info;

    StackData(Status.Stack info) {
        this.info = info;
    }

    @Description("name of the stack")
    public String getName() {
        return info.name();
    }

    @Description("waiting (until the application uses it), watched or off")
    public String getState() {
        return info.state();
    }

    @Description("why it is off; empty otherwise")
    public String getWhy() {
        return info.why();
    }
}
