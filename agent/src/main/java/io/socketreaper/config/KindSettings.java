package io.socketreaper.config;

import io.socketreaper.model.Action;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of kinds and grades of leaks, and the rules by which they and the general settings make an action and a timeout.
 *
 * <p>Not in an EnumMap: making one costs a reflective call before {@code main}.
 */
final class KindSettings {
    private static final Map<LeakKind, Setting<Action>> ACTIONS = new HashMap<>();
    private static final Map<LeakKind, Setting<Long>> TIMEOUTS = new HashMap<>();
    private static final Setting<Action> STRONG_ACTION = grade("strong");
    private static final Setting<Action> WEAK_ACTION = grade("weak");
    private static final Setting<Long> WEAK_TIMEOUT = timeout(
            "weak.timeout",
            "The least timeout of a weak leak, one side of which is still open; `none`: no least timeout.");
    private static final Setting<Action> DOUBTFUL_ACTION = new Choice<>(
            "doubtful.action",
            "log",
            Action.values(),
            "What is done about doubtful leaks, whose release may lose input that the application wants or an answer that"
                    + " the peer waits for; a kind with the action `log` is still only reported.");
    private static final Setting<Long> DOUBTFUL_TIMEOUT =
            timeout("doubtful.timeout", "The least timeout of a doubtful leak; `none`: no least timeout.");

    private KindSettings() {}

    /** Adds these settings to the table; called once, by {@link Settings}, where the documentation shows them. */
    static void declare() {
        for (LeakKind kind : LeakKind.values()) {
            if (!kind.isOnlyReported()) {
                ACTIONS.put(
                        kind,
                        Settings.declare(action(
                                kind.toString(),
                                "What is done about leaks of the kind " + kind
                                        + "; `as-action`: what `action` says.")));
            }
            TIMEOUTS.put(
                    kind,
                    Settings.declare(
                            timeout(kind + ".timeout", "The timeout of the kind " + kind + "; `none`: as `timeout`.")));
        }
        Settings.declare(STRONG_ACTION);
        Settings.declare(WEAK_ACTION);
        Settings.declare(WEAK_TIMEOUT);
        Settings.declare(DOUBTFUL_ACTION);
        Settings.declare(DOUBTFUL_TIMEOUT);
    }

    private static Setting<Action> grade(String grade) {
        return action(
                grade,
                "What is done about " + grade
                        + " leaks; `as-action`: what `action` says; a kind with the action `log` is still only reported.");
    }

    /** @param of a kind or a grade */
    private static Setting<Action> action(String of, String doc) {
        return new Inherited<>(new Choice<>(of + ".action", "log", Action.values(), doc), Inherited.AS_ACTION);
    }

    private static Setting<Long> timeout(String name, String doc) {
        return new Inherited<>(Quantity.duration(name, "60s", "100ms", "24h", doc));
    }

    static Action action(Settings settings, LeakKind kind) {
        Action own = own(settings, kind);
        return own == null || settings.observesOnly() ? settings.action() : own;
    }

    static Action action(Settings settings, LeakKind kind, Grade grade) {
        if (settings.observesOnly() || own(settings, kind) == Action.LOG) {
            return Action.LOG;
        }
        Action ofGrade =
                switch (grade) {
                    case PROVEN -> null;
                    case STRONG -> settings.valueOrNull(STRONG_ACTION);
                    case WEAK -> settings.valueOrNull(WEAK_ACTION);
                    case DOUBTFUL -> settings.value(DOUBTFUL_ACTION);
                };
        return ofGrade == null ? action(settings, kind) : ofGrade;
    }

    /** Null if the general action holds. */
    private static @Nullable Action own(Settings settings, LeakKind kind) {
        return kind.isOnlyReported() ? Action.LOG : settings.valueOrNull(ACTIONS.get(kind));
    }

    static long timeoutMillis(Settings settings, LeakKind kind, Grade grade) {
        Long own = settings.valueOrNull(TIMEOUTS.get(kind));
        long timeout = own == null ? settings.timeoutMillis() : own;
        Long least =
                switch (grade) {
                    case PROVEN, STRONG -> null;
                    case WEAK -> settings.valueOrNull(WEAK_TIMEOUT);
                    case DOUBTFUL -> settings.valueOrNull(DOUBTFUL_TIMEOUT);
                };
        return least == null ? timeout : Math.max(timeout, least);
    }
}
