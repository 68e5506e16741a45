package io.socketreaper.config;

import io.socketreaper.text.PrintableText;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the settings from agent arguments, system properties, environment and file. Never throws: what goes wrong is a problem. */
public final class SettingsReader {
    private static final String PROPERTY_PREFIX = "socketreaper.";
    private static final String VARIABLE_PREFIX = "SOCKETREAPER_";
    private static final String ARGUMENT_ORIGIN = "agent argument";
    /** A settings file is a few lines; anything this long is some other file, named by mistake. */
    private static final long LARGEST_FILE = 1 << 20;

    private final Map<Setting<?>, Given> given = new HashMap<>();
    private final Set<Setting<?>> seenInSource = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    /** What a problem keeps from happening at all; null while the agent starts whatever is wrong, and then only observes. */
    private @Nullable String refusal;

    private String argumentOrigin = ARGUMENT_ORIGIN;
    /** Where a settings file is, if these are the settings of another process; null from it: not to be found out. */
    private @Nullable UnaryOperator<File> elsewhere;

    private SettingsReader() {}

    /**
     * Reads every source, the strongest first.
     *
     * @param arguments what follows the jar's name and {@code =}, or what an attach passed; may be null
     * @param systemProperties usually {@link System#getProperties()}; may be null
     * @param environment usually {@link System#getenv()}; may be null
     */
    public static Effective read(String arguments, Properties systemProperties, Map<String, String> environment) {
        return new SettingsReader().readAll(arguments, systemProperties, environment);
    }

    /**
     * What is wrong with the settings of an agent that is to come to another JVM, which is running.
     *
     * @param systemProperties of that JVM; may be null
     * @param environment      of that JVM; may be null
     * @param elsewhere        where its settings file is for us, null if that cannot be told: then none is read
     */
    public static List<String> check(
            String arguments,
            @Nullable Properties systemProperties,
            @Nullable Map<String, String> environment,
            UnaryOperator<File> elsewhere) {
        var reader = new SettingsReader();
        reader.elsewhere = elsewhere;
        reader.refusal = "the agent is not attached";
        return reader.readAll(arguments, systemProperties, environment).problems();
    }

    /**
     * The settings that an argument for one setting holds, because commas stand where the command line wants blanks: {@code action=log,timeout=3s}.
     * A comma may belong to the value ({@code config=/etc/a,b}), so it counts only before the name of a setting and {@code =}; a name with a
     * typing error is one, too.
     *
     * @return null if the argument is one setting
     */
    public static @Nullable List<String> separatedByCommas(String argument) {
        var settings = new ArrayList<String>();
        int begin = 0;
        for (int comma = argument.indexOf(','); comma >= 0; comma = argument.indexOf(',', comma + 1)) {
            int equals = argument.indexOf('=', comma);
            String name =
                    equals < 0 ? "" : argument.substring(comma + 1, equals).trim();
            if (name.indexOf(',') < 0 && nearest(name) != null) {
                settings.add(argument.substring(begin, comma).trim());
                begin = comma + 1;
            }
        }
        settings.add(argument.substring(begin).trim());
        return settings.size() == 1 ? null : settings;
    }

    private Effective readAll(
            String arguments, @Nullable Properties systemProperties, @Nullable Map<String, String> environment) {
        try {
            readArguments(arguments == null ? "" : arguments);
        } catch (Throwable e) {
            unexpected("agent arguments", e);
        }
        try {
            readSystemProperties(systemProperties == null ? new Properties() : systemProperties);
        } catch (Throwable e) {
            unexpected("system properties", e);
        }
        try {
            readEnvironment(environment == null ? Collections.emptyMap() : environment);
        } catch (Throwable e) {
            unexpected("environment", e);
        }
        try {
            readFile();
        } catch (Throwable e) {
            unexpected("settings file", e);
        }
        return effective();
    }

    /**
     * Changes settings of a running agent, all or none of them.
     *
     * @param arguments what an attach could pass; null for none
     * @return the settings that are in force from now on, or the problems; with a problem no setting is changed
     */
    public static SettingsChange change(Effective before, String arguments) {
        var reader = new SettingsReader();
        reader.refusal = "no setting is changed";
        reader.argumentOrigin = "change at run time";
        try {
            reader.readArguments(arguments == null ? "" : arguments);
        } catch (Throwable e) {
            reader.unexpected("change", e);
        }
        for (Setting<?> setting : reader.given.keySet()) {
            if (setting.isFixed()) {
                reader.problem("setting \"" + setting.name
                        + "\" cannot be changed at run time: detach the agent and"
                        + " attach it again with it, or start the JVM with it;");
            }
        }
        reader.checkTrack(before);
        if (reader.problems.isEmpty() && reader.given.isEmpty()) {
            reader.problem("no setting is given: write key=value;");
        }
        if (reader.problems.isEmpty() && before.observesOnly()) {
            reader.problem("the agent was started with bad settings, so it only observes: detach it and"
                    + " attach it again with good ones;");
        }
        return new SettingsChange(
                reader.problems.isEmpty() ? before.with(reader.given) : before, List.copyOf(reader.problems));
    }

    /** More sockets can be watched from now on, but not fewer. */
    private void checkTrack(Effective before) {
        Given asked = given.get(Settings.TRACK);
        if (asked != null
                && asked.value() == Track.HALF_CLOSED
                && before.settings().track() == Track.ALL) {
            problem(
                    "setting \"track\" cannot be changed from all to half-closed at run time: detach the agent and attach it"
                            + " again;");
        }
    }

    private Effective effective() {
        for (var setting : Settings.table()) {
            if (!given.containsKey(setting)) {
                given.put(setting, Given.byDefault(setting));
            }
        }
        return new Effective(given, Collections.unmodifiableList(problems));
    }

    private void readArguments(String arguments) {
        var item = new StringBuilder();
        for (int i = 0; i < arguments.length(); i++) {
            char c = arguments.charAt(i);
            if (c == '\\' && i + 1 < arguments.length() && arguments.charAt(i + 1) == ',') {
                item.append(',');
                i++;
            } else if (c == ',') {
                readArgument(item.toString().trim());
                item.setLength(0);
            } else {
                item.append(c);
            }
        }
        readArgument(item.toString().trim());
    }

    private void readArgument(String item) {
        if (item.isEmpty()) {
            return;
        }
        int equals = item.indexOf('=');
        if (equals <= 0) {
            problem("unreadable " + argumentOrigin + " " + Given.quote(item)
                    + ": write key=value, \";\" between the items"
                    + " of a list and \"\\,\" for a comma in a value; it is ignored");
            return;
        }
        String key = item.substring(0, equals).trim();
        var setting = Settings.named(key);
        if (setting == null) {
            var meant = nearest(key);
            unknown(key, argumentOrigin, meant == null ? null : meant.name);
        } else {
            offer(setting, item.substring(equals + 1), argumentOrigin);
        }
    }

    private void readSystemProperties(Properties properties) {
        seenInSource.clear();
        for (String property : sorted(properties.stringPropertyNames(), PROPERTY_PREFIX)) {
            String key = property.substring(PROPERTY_PREFIX.length());
            String origin = "system property -D" + property;
            var setting = Settings.named(key);
            String text = properties.getProperty(property);
            if (setting == null) {
                var meant = nearest(key);
                unknown(key, origin, meant == null ? null : "-D" + meant.systemProperty());
            } else if (text != null) { // the application may have removed it meanwhile
                offer(setting, text, origin);
            }
        }
    }

    private void readEnvironment(Map<String, String> environment) {
        seenInSource.clear();
        for (String variable : sorted(environment.keySet(), VARIABLE_PREFIX)) {
            String text = environment.get(variable);
            if (text == null || text.trim().isEmpty()) {
                continue; // compose files and charts pass an empty variable on for "not set"
            }
            String origin = "environment variable " + variable;
            var setting = byVariable(variable);
            if (setting == null) {
                String key = variable.substring(VARIABLE_PREFIX.length());
                var meant = nearest(key);
                unknown(key, origin, meant == null ? null : meant.environmentVariable());
            } else {
                offer(setting, text, origin);
            }
        }
    }

    private void readFile() {
        seenInSource.clear();
        var config = given.get(Settings.CONFIG);
        if (config == null || config.value() == null) {
            return;
        }
        String name = (String) config.value();
        var file = new File(name);
        if (elsewhere != null) {
            file = elsewhere.apply(file);
            if (file == null) {
                return;
            }
        }
        var lines = load(file, config.origin());
        for (String property : sorted(lines.stringPropertyNames(), "")) {
            boolean prefixed = property.startsWith(PROPERTY_PREFIX);
            String key = prefixed ? property.substring(PROPERTY_PREFIX.length()) : property;
            String origin = "file " + name;
            var setting = Settings.named(key);
            if (setting == null) {
                var meant = nearest(key);
                unknown(key, origin, meant == null ? null : prefixed ? meant.systemProperty() : meant.name);
            } else if (setting == Settings.CONFIG) {
                problem("setting \"config\" cannot be set in a settings file (" + origin
                        + "): name the file in an agent argument,"
                        + " system property or environment variable; it is ignored");
            } else {
                offer(setting, lines.getProperty(property), origin);
            }
        }
    }

    private Properties load(File file, String namedBy) {
        var lines = new Properties();
        String reason;
        if (!file.exists()) {
            reason = "it does not exist";
        } else if (!file.isFile()) { // a pipe or device could hold up the application's start for ever
            reason = "it is not a regular file";
        } else if (file.length() > LARGEST_FILE) {
            reason = "it is larger than 1MiB";
        } else {
            try (var in = new FileInputStream(file)) {
                lines.load(in);
                return lines;
            } catch (IOException | IllegalArgumentException e) { // the latter for a malformed unicode escape
                lines.clear(); // half a file is not what the operator wrote
                reason = e.getMessage();
            }
        }
        problem("cannot read settings file " + Given.quote(file.getAbsolutePath()) + " (" + namedBy + "): " + reason
                + "; none of its settings is used");
        return lines;
    }

    /** Takes the value if it is valid and no stronger source gave one; a weaker source's mistake is still a problem. */
    private void offer(Setting<?> setting, String raw, String origin) {
        var held = given.get(setting);
        if (!seenInSource.add(setting)) {
            problem(
                    "setting \"" + setting.name + "\" is given twice (" + origin + "): write it once",
                    "the value " + Given.quote(Objects.requireNonNull(held).text()) + " is used");
            return;
        }
        String text = raw.trim();
        Given read;
        try {
            read = new Given(text, setting.parse(text), origin);
        } catch (IllegalArgumentException e) {
            read = Given.byDefault(setting);
            problem(
                    "bad value " + Given.quote(text) + " of setting \"" + setting.name + "\" (" + origin + "): "
                            + e.getMessage()
                            + (Objects.requireNonNull(e.getMessage()).endsWith("?") ? " write " : ", write ")
                            + setting.forms(),
                    held == null
                            ? "the default " + setting.defaultText + " is used"
                            : "the value " + Given.quote(held.text()) + " (" + held.origin() + ") is used");
        }
        if (held == null) {
            given.put(setting, read);
        }
    }

    private void unknown(String key, String origin, @Nullable String spelling) {
        problem("unknown setting " + Given.quote(key) + " (" + origin + "): "
                + (spelling == null ? "no setting has a name like it;" : "did you mean \"" + spelling + "\"?")
                + " it is ignored");
    }

    private void unexpected(String where, Throwable e) {
        problem("unexpected failure in the " + where + ": " + e + "; the settings that were read before it are used");
    }

    private void problem(String text) {
        problems.add(PrintableText.line(text + " and " + (refusal == null ? "the agent only observes" : refusal)));
    }

    /** @param instead what holds, if the agent starts all the same */
    private void problem(String text, String instead) {
        if (refusal == null) {
            problem(text + "; " + instead);
        } else {
            problems.add(PrintableText.line(text + "; " + refusal));
        }
    }

    private static @Nullable Setting<?> nearest(String key) {
        String bare = key.startsWith(PROPERTY_PREFIX) ? key.substring(PROPERTY_PREFIX.length()) : key;
        String name = Spelling.nearest(bare, Settings.names());
        return name == null ? null : Settings.named(name);
    }

    private static @Nullable Setting<?> byVariable(String variable) {
        for (var setting : Settings.table()) {
            if (setting.environmentVariable().equals(variable)) {
                return setting;
            }
        }
        return null;
    }

    /** Sorted, so that the same mistakes are always reported in the same order. */
    private static List<String> sorted(Collection<String> names, String prefix) {
        var matching = new ArrayList<String>();
        for (String name : names) {
            if (name.startsWith(prefix)) {
                matching.add(name);
            }
        }
        if (matching.size() > 1) { // spares the usual start the classes of a sort
            Collections.sort(matching);
        }
        return matching;
    }
}
