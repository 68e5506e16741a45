package io.socketreaper.runtime;

import io.socketreaper.config.Effective;
import io.socketreaper.config.SettingValue;
import io.socketreaper.config.Settings;
import io.socketreaper.config.SettingsChange;
import io.socketreaper.config.SettingsReader;
import io.socketreaper.config.Track;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.DrainAdvice;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.History;
import io.socketreaper.control.HoldersNote;
import io.socketreaper.control.LeakJournal;
import io.socketreaper.control.OpenQuestion;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.control.ReleaseRequest;
import io.socketreaper.control.SiteDescriptor;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.descriptor.DescriptorHeadroom;
import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.detect.Detector;
import io.socketreaper.detect.Pressure;
import io.socketreaper.detect.SuspectSnapshot;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.model.Action;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.release.Release;
import io.socketreaper.report.LogSink;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.thread.AnyThread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Answers requests from outside. The reaper thread answers those that concern sockets, at the end of its round. */
@AnyThread
final class AgentRequests implements Control {
    /** How many sockets one question describes: some milliseconds of the reaper thread. */
    private static final int INFOS_AT_ONCE = 1000;
    /** For how many nanoseconds one question begins releases, or counts open sockets. */
    private static final long PART_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final AgentController controller;
    private final boolean attached;
    private final Logger log;
    private final long startedMillis = System.currentTimeMillis();
    private final ReaperLoop loop;
    private final Detector detector;
    private final Release release;
    private final Pressure pressure;
    private final ProcDescriptors descriptors;
    private final DescriptorHeadroom headroom;
    private final LeakJournal journal;
    private final LogSink logSink;
    private final InternalFailures failures;
    private final List<StackGuard> guards;
    private volatile Effective effective;
    /** Null until the command {@code holders} is used. */
    private volatile @Nullable HoldersNote holders;

    AgentRequests(AgentController controller, Assembly parts, Effective effective, boolean attached, Logger log) {
        this.controller = controller;
        this.effective = effective;
        this.attached = attached;
        this.log = log;
        this.loop = parts.loop();
        this.detector = parts.detector();
        this.release = parts.release();
        this.pressure = parts.pressure();
        this.descriptors = parts.descriptors();
        this.headroom = parts.headroom();
        this.journal = parts.journal();
        this.logSink = parts.log();
        this.failures = parts.failures();
        this.guards = parts.guards();
    }

    /** The settings that hold now. */
    Settings inForce() {
        return effective.settings();
    }

    @Override
    public Status status() {
        controller.checkAttached();
        return status(pressure.kinds());
    }

    @Override
    public Status settledStatus() {
        controller.checkAttached();
        return status(pressure.settledKinds());
    }

    private Status status(DescriptorKinds kinds) {
        int open = descriptors.open();
        return loop.ask(() -> {
            var stacks = new ArrayList<Status.Stack>();
            for (StackGuard guard : guards) {
                stacks.add(new Status.Stack(guard.stack().name(), guard.stateName(), guard.why()));
            }
            var problems = new ArrayList<>(effective.problems());
            problems.addAll(headroom.waiting());
            return new Status(
                    controller.version(),
                    ProcessHandle.current().pid(),
                    startedMillis,
                    System.currentTimeMillis(),
                    attached,
                    detector.isPaused(),
                    effective.observesOnly(),
                    pressure.isPressed(),
                    open,
                    descriptors.limit(),
                    kinds.byName(),
                    detector.suspects(),
                    release.releasing(),
                    journal.total(),
                    journal.byKind(),
                    stacks,
                    effective.values(),
                    failures.count(),
                    problems);
        });
    }

    @Override
    public List<SettingValue> settings() {
        return effective.values();
    }

    @Override
    public List<SiteInfo> sites() {
        controller.checkAttached();
        return loop.ask(() -> journal.sites(effective.settings().stackDepth()));
    }

    @Override
    public DryRunInfo dryRun() {
        controller.checkAttached();
        return loop.ask(() -> dryRunNow());
    }

    private DryRunInfo dryRunNow() {
        var values = new LinkedHashMap<String, String>();
        for (String name : DrainAdvice.SETTINGS) {
            values.put(name, effective.text(name));
        }
        return new DryRunInfo(
                startedMillis,
                System.currentTimeMillis(),
                values,
                effective.observesOnly(),
                inForce().releasesAny(),
                DueLeaks.asksPeers(inForce()),
                journal.dryRun(inForce(), Clock.SYSTEM.nanoTime()));
    }

    @Override
    public List<SocketInfo> sockets(@Nullable String site, int atMost) {
        List<SocketInfo> sockets = first(atMost, site, Comparator.comparingLong(SuspectSnapshot::idleMillis));
        if (site != null && sockets.isEmpty()) {
            checkSite(site);
        }
        return sockets;
    }

    @Override
    public List<SocketInfo> oldestSockets(int atMost) {
        return first(atMost, null, Comparator.comparingLong(SuspectSnapshot::ageMillis));
    }

    /** Formats only the requested sockets, and a part of them at a time, because there may be very many. */
    private List<SocketInfo> first(int atMost, @Nullable String site, Comparator<SuspectSnapshot> ascending) {
        controller.checkAttached();
        List<SuspectSnapshot> all = loop.ask(() -> detector.list());
        var found = new ArrayList<SuspectSnapshot>();
        for (SuspectSnapshot listed : all) {
            if (site == null
                    || listed.openCase() != null
                            && listed.openCase().site().id().equals(site)) {
                found.add(listed);
            }
        }
        found.sort(ascending.reversed());
        int count = Math.max(0, Math.min(atMost, found.size()));
        var shown = new ArrayList<SocketInfo>(count);
        while (shown.size() < count) {
            List<SuspectSnapshot> part = found.subList(shown.size(), Math.min(count, shown.size() + INFOS_AT_ONCE));
            shown.addAll(loop.ask(() -> SocketInfos.of(part)));
        }
        return List.copyOf(shown);
    }

    @Override
    public List<OpenSiteInfo> open(OpenQuestion question) {
        controller.checkAttached();
        if (inForce().track() != Track.ALL) {
            throw new ControlException(
                    "open sockets are counted with track=all only, and this agent has track=half-closed; `set "
                            + ProcessHandle.current().pid() + " track=all` counts those that are opened from then on");
        }
        var answer = new OpenSiteAnswer(detector, question, descriptors.open(), descriptors.limit());
        List<OpenSiteInfo> sites = null;
        while (sites == null) {
            sites = loop.ask(() -> answer.goOn(PART_NANOS));
        }
        return sites;
    }

    @Override
    public List<OpenSiteInfo> allOpen() {
        return inForce().track() == Track.ALL ? open(OpenQuestion.ALL) : List.of();
    }

    @Override
    public List<SiteDescriptor> descriptors(String site) {
        controller.checkAttached();
        var answer = new SiteDescriptorAnswer(detector, journal, site, inForce().track());
        List<SiteDescriptor> descriptors = null;
        while (descriptors == null) {
            descriptors = loop.ask(() -> answer.goOn(PART_NANOS));
        }
        return descriptors;
    }

    @Override
    public History history() {
        controller.checkAttached();
        return loop.ask(() -> journal.history());
    }

    @Override
    public @Nullable HoldersNote holders() {
        return holders;
    }

    @Override
    public void keepHolders(HoldersNote note) {
        controller.checkAttached();
        holders = note;
    }

    @Override
    public ReleaseAnswer releaseSocket(long socket, ReleaseRequest request) {
        ReleaseAnswer answer = release(listed -> listed.number() == socket, request);
        if (answer.begun() + answer.spared() + answer.notYet() + answer.doubtful() == 0) {
            throw new ControlException("no suspect has the id " + socket
                    + "; `sockets` lists the suspects. A socket that is being released or has"
                    + " been closed needs no release");
        }
        return answer;
    }

    @Override
    public ReleaseAnswer releaseSite(String site, ReleaseRequest request) {
        ReleaseAnswer answer = release(
                listed -> listed.openCase() != null
                        && listed.openCase().site().id().equals(site),
                request);
        if (answer.begun() + answer.spared() + answer.doubtful() == 0) {
            checkSite(site);
        }
        return answer;
    }

    private void checkSite(String site) {
        if (!loop.ask(() -> journal.hasSite(site))) {
            throw new ControlException("no leak site has the id \"" + site + "\"; `sites` lists them");
        }
    }

    private ReleaseAnswer release(Predicate<SuspectSnapshot> chosen, ReleaseRequest request) {
        controller.checkAttached();
        var releasing = new SiteRelease(detector, chosen, request);
        ReleaseAnswer answer = null;
        while (answer == null) {
            // Between two parts the reaper thread does its other work.
            answer = loop.ask(() -> releasing.goOn(PART_NANOS));
        }
        return answer;
    }

    @Override
    public String set(String settings) {
        controller.checkAttached();
        String said = change(settings);
        if (inForce().track() == Track.ALL && !controller.watchesAll()) {
            controller.watchAll();
        }
        return said;
    }

    private String change(String settings) {
        return loop.ask(() -> {
            SettingsChange change = SettingsReader.change(effective, settings);
            if (!change.problems().isEmpty()) {
                throw new ControlException(String.join("\n", change.problems()));
            }
            Settings before = effective.settings();
            effective = change.effective();
            var changed = effective.settings();
            journal.settings(before, changed);
            String warning = warning(before, changed);
            detector.settings(changed);
            release.settings(changed);
            pressure.settings(changed);
            logSink.settings(changed.logIntervalMillis(), changed.stackDepth());
            String said = effective.startLine()
                    + DueLeaks.of(detector.list(), changed).text();
            log.info("settings changed; {}", said);
            return said + warning;
        });
    }

    /** What the dry run says of the grades that changed settings release and those before did not: a line, or empty. */
    private String warning(Settings before, Settings changed) {
        var released = EnumSet.noneOf(Grade.class);
        for (Grade grade : Grade.values()) {
            for (LeakKind kind : LeakKind.values()) {
                if (before.action(kind, grade) == Action.LOG && changed.action(kind, grade) != Action.LOG) {
                    released.add(grade);
                }
            }
        }
        String warning = released.isEmpty() ? "" : new DrainAdvice(dryRunNow()).warning(released);
        return warning.isEmpty() ? "" : "\nadvise " + ProcessHandle.current().pid() + " " + warning;
    }

    @Override
    public void limitRaised(long raised, long real) {
        descriptors.room(raised, real);
        loop.askToUseRoom();
    }

    @Override
    public void pause() {
        pause(true);
    }

    @Override
    public void resume() {
        pause(false);
    }

    private void pause(boolean on) {
        controller.checkAttached();
        boolean changed = loop.ask(() -> {
            boolean before = detector.isPaused();
            detector.pause(on);
            return before != on;
        });
        if (changed) {
            controller.tellState(on ? "paused" : "watching");
            log.info(
                    on
                            ? "paused: no leak is found or released until it is resumed"
                            : "resumed: every idle time counts from now on");
        }
    }

    @Override
    public String detach() {
        return controller.detach();
    }
}
