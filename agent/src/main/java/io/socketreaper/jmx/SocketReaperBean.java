package io.socketreaper.jmx;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.Control;
import io.socketreaper.control.History;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The agent's MBean. Any thread. */
final class SocketReaperBean implements SocketReaperMXBean {
    private final Control control;
    private final AgentQueries answers;

    SocketReaperBean(Control control, AgentQueries answers) {
        this.control = control;
        this.answers = answers;
    }

    @Override
    public String getVersion() {
        return answers.status().version();
    }

    @Override
    public long getPid() {
        return answers.status().pid();
    }

    @Override
    public long getStartTime() {
        return answers.status().startedMillis();
    }

    @Override
    public boolean isAttached() {
        return answers.status().attached();
    }

    @Override
    public boolean isPaused() {
        return answers.status().paused();
    }

    @Override
    public boolean isObservingOnly() {
        return answers.status().observesOnly();
    }

    @Override
    public boolean isUnderPressure() {
        return answers.status().underPressure();
    }

    @Override
    public int getOpenDescriptors() {
        return answers.status().open();
    }

    @Override
    public long getDescriptorLimit() {
        return answers.status().limit();
    }

    @Override
    public Map<String, Integer> getDescriptorsByKind() {
        return answers.status().descriptors();
    }

    @Override
    public int getSuspects() {
        return answers.status().suspects();
    }

    @Override
    public int getReleasing() {
        return answers.status().releasing();
    }

    @Override
    public long getLeaksFound() {
        return answers.status().total().found();
    }

    @Override
    public long getLeaksReleased() {
        return answers.status().total().released();
    }

    @Override
    public long getLeaksReleasedAfterAll() {
        return answers.status().total().releasedAfterAll();
    }

    @Override
    public long getLeaksExcluded() {
        return answers.status().total().excluded();
    }

    @Override
    public long getLeaksGivenUp() {
        return answers.status().total().givenUp();
    }

    @Override
    public long getLeaksHeld() {
        return answers.status().total().held();
    }

    @Override
    public long getDrainedBytes() {
        return answers.status().total().drainedBytes();
    }

    @Override
    public Map<String, CountsData> getLeaksByKind() {
        var byKind = new LinkedHashMap<String, CountsData>();
        for (Map.Entry<String, Totals> kind : answers.status().byKind().entrySet()) {
            byKind.put(kind.getKey(), new CountsData(kind.getValue()));
        }
        return byKind;
    }

    @Override
    public SiteData[] getLeakSites() {
        var sites = new ArrayList<SiteData>();
        for (SiteInfo site : answers.sites()) {
            sites.add(new SiteSnapshot(site));
        }
        return sites.toArray(new SiteData[0]);
    }

    @Override
    public SocketData[] getSockets() {
        return data(answers.sockets());
    }

    private static SocketData[] data(List<SocketInfo> infos) {
        var sockets = new SocketData[infos.size()];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = new SocketData(infos.get(i));
        }
        return sockets;
    }

    @Override
    public ReportData[] getReports() {
        var reports = new ArrayList<ReportData>();
        for (History.Event event : answers.history().releases()) {
            reports.add(new ReportData(event));
        }
        return reports.toArray(new ReportData[0]);
    }

    @Override
    public StackData[] getStacks() {
        var stacks = new ArrayList<StackData>();
        for (Status.Stack stack : answers.status().stacks()) {
            stacks.add(new StackData(stack));
        }
        return stacks.toArray(new StackData[0]);
    }

    @Override
    public SettingData[] getSettings() {
        var settings = new ArrayList<SettingData>();
        for (SettingValue setting : control.settings()) {
            settings.add(new SettingData(setting));
        }
        return settings.toArray(new SettingData[0]);
    }

    @Override
    public String[] getProblems() {
        return answers.status().problems().toArray(new String[0]);
    }

    @Override
    public long getInternalErrors() {
        return answers.status().internalErrors();
    }

    @Override
    public SocketData[] socketsOf(String site, int atMost) {
        if (atMost < 1) {
            throw new IllegalArgumentException("atMost must be 1 or more, not " + atMost);
        }
        return data(AgentQueries.asked(() -> control.sockets(site == null || site.isEmpty() ? null : site, atMost)));
    }

    @Override
    public AnswerData releaseSocket(long id, String action) {
        return new AnswerData(answers.changed(() -> control.releaseSocket(id, AgentQueries.releaseRequest(action))));
    }

    @Override
    public AnswerData releaseSite(String id, String action) {
        return answers.releaseSite(AgentQueries.needed("id", id), action);
    }

    @Override
    public String set(String settings) {
        return answers.changed(() -> control.set(AgentQueries.needed("settings", settings)));
    }

    @Override
    public void pause() {
        answers.changed(() -> {
            control.pause();
            return null;
        });
    }

    @Override
    public void resume() {
        answers.changed(() -> {
            control.resume();
            return null;
        });
    }

    @Override
    public String detach() {
        return answers.changed(control::detach);
    }
}
