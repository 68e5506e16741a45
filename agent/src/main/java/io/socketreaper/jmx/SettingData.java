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

    @Description("as it would be written")
    public String getValue() {
        return info.value();
    }

    @Description("who set it, in words; default if nobody did")
    public String getOrigin() {
        return info.origin();
    }

    @Description("whether set can change it")
    public boolean isChangeable() {
        return info.changeable();
    }
}
