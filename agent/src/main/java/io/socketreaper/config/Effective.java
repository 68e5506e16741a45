package io.socketreaper.config;

import io.socketreaper.model.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The result of reading the settings: the values that hold, the source of each, and every problem. Immutable. */
public final class Effective {
    private final Map<Setting<?>, Given> given;
    private final List<String> problems;
    private final Settings settings;

    Effective(Map<Setting<?>, Given> given, List<String> problems) {
        this.given = given;
        this.problems = problems;
        var values = new HashMap<Setting<?>, Object>();
        for (var setting : Settings.table()) {
            values.put(setting, Objects.requireNonNull(given.get(setting)).value());
        }
        this.settings = new Settings(values, observesOnly());
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
            var value = of(setting);
            boolean refused = observesOnly() && (setting == Settings.ACTION || isRefused(setting));
            all.add(new SettingValue(setting.name, refused ? "log" : value.text(), value.origin(), !setting.isFixed()));
        }
        return all;
    }

    /** The text of the value of that setting, as somebody wrote it. */
    public String text(String name) {
        return of(Objects.requireNonNull(Settings.named(name))).text();
    }

    /** The values that hold. */
    public Settings settings() {
        return settings;
    }

    /** True if there is any problem: the action is then {@link Action#LOG}, whatever was asked for. */
    public boolean observesOnly() {
        return !problems.isEmpty();
    }

    /**
     * Everything that was wrong, in the order of the sources: a sentence each, which says what is wrong, where it stands, what is valid,
     * and what happens now. Unmodifiable.
     */
    public List<String> problems() {
        return problems;
    }

    /** One line for the log at start: what is done, after which time, to which sockets, and each other value that somebody set, with its origin. */
    public String startLine() {
        var set = new StringBuilder(observesOnly() ? observation() : "");
        boolean more = false;
        for (var setting : Settings.table()) {
            if (observesOnly() && (setting == Settings.ACTION || isRefused(setting))) {
                continue;
            }
            var value = of(setting);
            if (!isAlwaysShown(setting) && value.origin().equals(SettingValue.BY_DEFAULT)) {
                more = true;
                continue;
            }
            set.append(set.length() == 0 ? "" : ", ")
                    .append(setting.name)
                    .append('=')
                    .append(shown(setting))
                    .append(" (")
                    .append(value.origin())
                    .append(')');
        }
        return "settings: " + set + (more ? "; all others by default (status PID --json lists them)" : "")
                + (settings.releasesAny() || observesOnly()
                        ? ""
                        : "; this is a dry run: leaks are reported and not released; advise PID says what a release"
                                + " would have hurt");
    }

    private static boolean isAlwaysShown(Setting<?> setting) {
        return setting == Settings.ACTION || setting == Settings.TIMEOUT || setting == Settings.TRACK;
    }

    private Given of(Setting<?> setting) {
        return Objects.requireNonNull(given.get(setting));
    }

    /** Why the action is log, and what was asked for instead. */
    private String observation() {
        var text = new StringBuilder("action=log (observes only because of ")
                .append(problems.size())
                .append(problems.size() == 1 ? " problem" : " problems");
        for (var setting : Settings.table()) {
            if (isRefused(setting)) {
                var asked = of(setting);
                text.append("; ")
                        .append(setting == Settings.ACTION ? "" : setting.name + "=")
                        .append(asked.text())
                        .append(" was asked for by ")
                        .append(asked.origin());
            }
        }
        return text.append(')').toString();
    }

    /** An action that does not hold where the agent only observes. */
    private boolean isRefused(Setting<?> setting) {
        return of(setting).value() instanceof Action action && action != Action.LOG;
    }

    /** The addresses of exclusions and our own are masked like all others. */
    private String shown(Setting<?> setting) {
        if (settings.masksAddresses() && of(setting).value() instanceof ListenAddress address) {
            return address.masked().toString();
        }
        boolean hidden = setting == Settings.EXCLUDE
                && settings.masksAddresses()
                && !settings.exclude().isEmpty();
        return hidden ? "(masked)" : of(setting).text();
    }
}
