package io.socketreaper.jmx;

import io.socketreaper.config.SettingValue;

/** One setting as it holds. */
public final class SettingData {
    private final SettingValue info;

    SettingData(SettingValue info) {
        this.info = info;
    }

    @Description("name of the setting")
    public String getName() {
        return info.name();
    }

    @Description("the value, in the form in which it is written")
    public String getValue() {
        return info.value();
    }

    @Description("where it was set, in words; default if it was not set")
    public String getOrigin() {
        return info.origin();
    }

    @Description("whether set can change it")
    public boolean isChangeable() {
        return info.changeable();
    }
}
