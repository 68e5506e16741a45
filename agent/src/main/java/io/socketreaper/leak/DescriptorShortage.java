package io.socketreaper.leak;

import io.socketreaper.descriptor.DescriptorKinds;
import java.util.List;

/** The event that few descriptors are left, or none, or enough again. */
public sealed interface DescriptorShortage {
    /** Which of the four events it is. */
    Stage stage();

    /** Open descriptors of the process; of an exhaustion at the first failure. */
    int open();

    /** How many the process may have open. */
    long limit();

    /** Milliseconds since the pressure began, or since the first failure; -1 at the beginning of the pressure. */
    default long lastedMillis() {
        return -1;
    }

    /** Sockets that the agent has released since. */
    default long released() {
        return 0;
    }

    /** Calls the method of the visitor that belongs to this event. */
    <T> T accept(Visitor<T> visitor);

    /** Something that is different for each event. */
    interface Visitor<T> {
        T begun(Begun begun);

        T ended(Ended ended);

        T exhausted(Exhausted exhausted);

        T over(Over over);
    }

    /** The names of the four events. */
    enum Stage {
        BEGUN("pressure", "begun"),
        ENDED("pressure", "ended"),
        EXHAUSTED("descriptors", "exhausted"),
        OVER("descriptors", "left");

        private final String subject;
        private final String state;

        Stage(String subject, String state) {
            this.subject = subject;
            this.state = state;
        }

        /** As JFR names it. */
        public String state() {
            return state;
        }

        /** As JMX names it, below the domain. */
        public String notification() {
            return subject + "." + state;
        }

        /** As the log names it. */
        public String logEvent() {
            return this == EXHAUSTED ? "out-of-descriptors" : subject + "-" + state;
        }

        /** Whether it makes things worse. */
        public boolean isWarning() {
            return this == BEGUN || this == EXHAUSTED;
        }
    }

    /**
     * The share of the limit that {@code pressure} names is reached.
     *
     * @param timeoutMillis how long proven and strong suspects must have been idle from now on
     */
    record Begun(int open, long limit, long timeoutMillis) implements DescriptorShortage {
        @Override
        public Stage stage() {
            return Stage.BEGUN;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.begun(this);
        }
    }

    /**
     * The pressure is over.
     *
     * @param lastedMillis since it began
     * @param released     sockets that the agent has released meanwhile
     */
    record Ended(int open, long limit, long lastedMillis, long released) implements DescriptorShortage {
        @Override
        public Stage stage() {
            return Stage.ENDED;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.ended(this);
        }
    }

    /**
     * A socket could not be opened or accepted, because no descriptor is left.
     *
     * @param open         how many were open at the first failure
     * @param kinds        what for, at most a minute ago
     * @param sites        the leak sites that have lost most
     * @param opened       the lines of code with the most open sockets; empty unless {@code track=all}
     * @param openNow      how many are open at the time of the report
     * @param lastedMillis time since the first failure
     * @param released     sockets that the agent has released since
     * @param collecting   whether it has asked for a garbage collection
     */
    record Exhausted(
            int open,
            long limit,
            DescriptorKinds kinds,
            List<LeakSite> sites,
            List<OpenCount> opened,
            int openNow,
            long lastedMillis,
            long released,
            boolean collecting)
            implements DescriptorShortage {
        @Override
        public Stage stage() {
            return Stage.EXHAUSTED;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.exhausted(this);
        }
    }

    /**
     * After an {@link Exhausted}: descriptors are available again, and opening sockets no longer fails.
     *
     * @param openBefore   how many were open at the first failure
     * @param lastedMillis since then
     * @param released     sockets that the agent has released since
     * @param collected    whether it has asked for a garbage collection
     * @param effective    whether the JVM did collect when it was last asked
     */
    record Over(
            int open,
            long limit,
            int openBefore,
            long lastedMillis,
            long released,
            boolean collected,
            boolean effective)
            implements DescriptorShortage {
        @Override
        public Stage stage() {
            return Stage.OVER;
        }

        @Override
        public <T> T accept(Visitor<T> visitor) {
            return visitor.over(this);
        }
    }
}
