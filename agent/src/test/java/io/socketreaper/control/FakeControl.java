package io.socketreaper.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Answers without an agent, and remembers what it was asked. */
final class FakeControl implements Control {
    final List<String> asked = new ArrayList<>();
    volatile boolean detached;
    volatile boolean bug;
    volatile HoldersNote holders;

    @Override
    public synchronized Status status() {
        if (detached) {
            throw new ControlException("the agent has been detached");
        }
        if (bug) {
            throw new IllegalStateException("a bug");
        }
        asked.add("status");
        return new Status(
                "1",
                42,
                0,
                System.currentTimeMillis(),
                true,
                false,
                false,
                false,
                7,
                100,
                Map.of("finished", 3),
                2,
                0,
                new Totals(5, 1, 0, 0, 0, 6),
                Map.of(),
                List.of(new Status.Stack("Socket", "watched", "")),
                List.of(),
                0,
                List.of());
    }

    @Override
    public synchronized List<OpenSiteInfo> open(OpenQuestion question) {
        asked.add("open " + question);
        return List.of();
    }

    @Override
    public synchronized List<SiteDescriptor> descriptors(String site) {
        asked.add("descriptors " + site);
        return List.of(new SiteDescriptor(7, 4242, "CLOSE_WAIT", -1));
    }

    @Override
    public List<OpenSiteInfo> allOpen() {
        return List.of();
    }

    @Override
    public synchronized List<SiteInfo> sites() {
        asked.add("sites");
        return List.of(new SiteInfo(
                "0a1b2c3d",
                "half-closed",
                "strong",
                "Session.reject(Session.java:41)",
                List.of(),
                new Totals(5, 1, 0, 0, 0, 6),
                1,
                2,
                "nothing",
                "LEAK \"half-closed\"\nline"));
    }

    @Override
    public synchronized DryRunInfo dryRun() {
        asked.add("dry run");
        return new DryRunInfo(0, System.currentTimeMillis(), Map.of(), false, false, false, List.of());
    }

    @Override
    public synchronized List<SocketInfo> sockets(String site, int atMost) {
        asked.add("sockets " + site + " " + atMost);
        return List.of();
    }

    @Override
    public synchronized History history() {
        asked.add("history");
        var events = new ArrayList<History.Event>();
        for (int i = 0; i < 500; i++) {
            events.add(new History.Event(
                    i, "0a1b2c3d", "half-closed", "strong", "", "", 5, "logged", "nothing", "", 0, -1));
        }
        return new History(List.of(), events);
    }

    @Override
    public HoldersNote holders() {
        return holders;
    }

    @Override
    public void keepHolders(HoldersNote note) {
        asked.add("keepHolders " + note.groups().size());
        holders = note;
    }

    @Override
    public ReleaseAnswer releaseSocket(long socket, ReleaseRequest action) {
        asked.add("release " + socket + " " + action);
        return new ReleaseAnswer(1, 0, 0, 0);
    }

    @Override
    public ReleaseAnswer releaseSite(String site, ReleaseRequest action) {
        asked.add("release " + site + " " + action);
        throw new ControlException("no leak site has the id \"" + site + "\"");
    }

    @Override
    public String set(String settings) {
        asked.add("set " + settings);
        return "done";
    }

    @Override
    public void limitRaised(long raised, long real) {
        asked.add("room " + raised + " " + real);
    }

    @Override
    public void pause() {
        asked.add("pause");
    }

    @Override
    public void resume() {
        asked.add("resume");
        throw new IllegalStateException("a bug");
    }

    @Override
    public String detach() {
        asked.add("detach");
        return "detached";
    }
}
