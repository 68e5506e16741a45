package io.socketreaper.jfr;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.LeakSinks;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.leak.SuspectFound;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import org.jspecify.annotations.Nullable;

/**
 * The events, from the moment that the flight recorder is initialised until the agent is detached. As a sink on the reaper
 * thread, where a commit copies into the thread's buffer; the periodic events on the recorder's threads.
 */
public final class JfrOutlet implements LeakSink, FlightRecorderListener, AutoCloseable {
    static final List<Class<? extends Event>> EVENTS = List.of(
            SuspectEvent.class,
            LeakEvent.class,
            ReleaseEvent.class,
            PressureEvent.class,
            CensusEvent.class,
            SettingEvent.class);

    private final Control control;
    private final LeakSinks sinks;
    private final Executor executor;
    private final IntSupplier depth;
    private final Runnable census = this::census;
    private final Runnable settings = this::settings;
    private volatile @Nullable EventType suspects;
    /** Guarded by this. */
    private boolean registered;

    private boolean closed;

    private JfrOutlet(Control control, LeakSinks sinks, Executor executor, IntSupplier depth) {
        this.control = control;
        this.sinks = sinks;
        this.executor = executor;
        this.depth = depth;
    }

    /**
     * Waits, without a thread, until the recorder is initialised, which this does not do. On a thread that may wait, and is not
     * the reaper's; the recorder's classes must be there.
     *
     * @param depth frames of a stack
     */
    public static JfrOutlet open(Control control, LeakSinks sinks, Executor executor, IntSupplier depth) {
        var outlet = new JfrOutlet(control, sinks, executor, depth);
        if (FlightRecorder.isAvailable()) {
            FlightRecorder.addListener(outlet);
        }
        return outlet;
    }

    /** On the thread that initialises the recorder, which is in the middle of it. */
    @Override
    public void recorderInitialized(FlightRecorder recorder) {
        executor.execute(this::register);
    }

    private synchronized void register() {
        if (registered || closed) {
            return;
        }
        registered = true;
        for (Class<? extends Event> event : EVENTS) {
            FlightRecorder.register(event);
        }
        suspects = EventType.getEventType(SuspectEvent.class);
        FlightRecorder.addPeriodicEvent(CensusEvent.class, census);
        FlightRecorder.addPeriodicEvent(SettingEvent.class, settings);
        sinks.add(this);
        // The first recording may have begun its chunk before.
        settings();
    }

    // -- The recorder's threads

    private void census() {
        var event = new CensusEvent();
        try {
            event.of(control.status());
        } catch (ControlException notAnswered) {
            return;
        }
        event.commit();
    }

    /** Asks no other thread, because the recorder holds its locks. */
    private void settings() {
        for (SettingValue setting : control.settings()) {
            var event = new SettingEvent();
            event.name = setting.name();
            event.value = setting.value();
            event.origin = setting.origin();
            event.commit();
        }
    }

    // -- The reaper thread

    @Override
    public boolean wantsSuspects() {
        EventType type = suspects;
        return type != null && type.isEnabled();
    }

    @Override
    public void suspected(SuspectFound suspect) {
        var event = new SuspectEvent();
        if (event.isEnabled()) {
            event.of(suspect, depth.getAsInt());
            event.commit();
        }
    }

    @Override
    public void found(Leak leak) {
        var event = new LeakEvent();
        if (event.isEnabled()) {
            event.of(leak, depth.getAsInt());
            event.commit();
        }
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        var event = new ReleaseEvent();
        if (outcome.name() != OutcomeName.LOGGED && event.isEnabled()) {
            event.of(leak, outcome, depth.getAsInt());
            event.commit();
        }
    }

    @Override
    public void releasedAfterAll(Leak leak, AfterAll how, long afterMillis) {
        var event = new ReleaseEvent();
        if (event.isEnabled()) {
            event.afterAll(leak, how, depth.getAsInt());
            event.commit();
        }
    }

    @Override
    public void shortage(DescriptorShortage shortage) {
        var event = new PressureEvent();
        if (event.isEnabled()) {
            event.of(shortage);
            event.commit();
        }
    }

    /** Any thread. */
    @Override
    public synchronized void close() {
        closed = true;
        if (FlightRecorder.isAvailable()) {
            FlightRecorder.removeListener(this);
        }
        if (registered) {
            sinks.remove(this);
            FlightRecorder.removePeriodicEvent(census);
            FlightRecorder.removePeriodicEvent(settings);
            for (Class<? extends Event> event : EVENTS) {
                FlightRecorder.unregister(event);
            }
        }
    }
}
