package io.socketreaper.config;

import io.socketreaper.model.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What came out of reading the settings: the values that hold, where each came from, and everything that was wrong. */
public final class Effective {
    private final Map<Setting<?>, Given> given;
    private final List<SettingsProblem> problems;
    private final Settings settings;

    Effective(Map<Setting<?>, Given> given, List<SettingsProblem> problems) {
        this.given = given;
        this.problems = problems;
        var values = new HashMap<Setting<?>, Object>();
        for (var setting : Settings.table()) {
            values.put(setting, given.get(setting).value());
        }
        this.settings = new Settings(values, observeOnly());
    }

    /** The same with some values changed. */
    Effective with(Map<Setting<?>, Given> changed) {
        var all = new HashMap<>(given);
        all.putAll(changed);
        return new Effective(all, problems);
    }

    /** Every setting in the order of the documentation, as it holds. Any thread. */
    public List<SettingValue> values() {
        var all = new ArrayList<SettingValue>();
        for (var setting : Settings.table()) {
            var value = given.get(setting);
            boolean refused = observeOnly() && (setting == Settings.ACTION || isRefused(setting));
            all.add(new SettingValue(setting.name, refused ? "log" : value.text(), value.origin(), !setting.isFixed()));
        }
        return all;
    }

    /** The values that hold. */
    public Settings settings() {
        return settings;
    }

    /** True if there is any problem: the action is then {@link Action#LOG}, whatever was asked for. */
    public boolean observeOnly() {
        return !problems.isEmpty();
    }

    /** Everything that was wrong, in the order of the sources; unmodifiable. */
    public List<SettingsProblem> problems() {
        return problems;
    }

    /** Where the value of the setting of that name came from; for the action, who asked for it even if it is not granted. */
    public Source source(String name) {
        return byName(name).source();
    }

    /** {@link #source} in the words of the start line, such as {@code system property -Dsocketreaper.timeout}. */
    public String origin(String name) {
        return byName(name).origin();
    }

    /** One line for the log at start: each value that somebody set with its origin, then the defaults. */
    public String startLine() {
        var set = new StringBuilder();
        var defaults = new StringBuilder();
        if (observeOnly()) {
            set.append("action=log (observes only because of ")
                    .append(problems.size())
                    .append(problems.size() == 1 ? " problem" : " problems");
            for (var setting : Settings.table()) {
                if (isRefused(setting)) {
                    var asked = given.get(setting);
                    set.append("; ")
                            .append(setting == Settings.ACTION ? "" : setting.name + "=")
                            .append(asked.text())
                            .append(" was asked for by ")
                            .append(asked.origin());
                }
            }
            set.append(')');
        }
        for (var setting : Settings.table()) {
            if (observeOnly() && (setting == Settings.ACTION || isRefused(setting))) {
                continue;
            }
            var value = given.get(setting);
            boolean isDefault = value.source() == Source.DEFAULT;
            var list = isDefault ? defaults : set;
            list.append(list.length() == 0 ? "" : ", ")
                    .append(setting.name)
                    .append('=')
                    .append(shown(setting));
            if (!isDefault) {
                list.append(" (").append(value.origin()).append(')');
            }
        }
        return "effective settings: " + (set.length() == 0 ? "none set" : set)
                + (defaults.length() == 0 ? "" : "; defaults: " + defaults);
    }

    /** An action that does not hold where the agent only observes. */
    private boolean isRefused(Setting<?> setting) {
        return given.get(setting).value() instanceof Action action && action != Action.LOG;
    }

    /** The addresses of exclusions and our own are masked like all others. */
    private String shown(Setting<?> setting) {
        if (settings.masksAddresses() && given.get(setting).value() instanceof ListenAddress address) {
            return address.masked().toString();
        }
        boolean hidden = setting == Settings.EXCLUDE
                && settings.masksAddresses()
                && !settings.exclude().isEmpty();
        return hidden ? "(masked)" : given.get(setting).text();
    }

    private Given byName(String name) {
        var setting = Settings.named(name);
        if (setting == null) {
            throw new IllegalArgumentException("no setting is named " + name);
        }
        return given.get(setting);
    }
}
