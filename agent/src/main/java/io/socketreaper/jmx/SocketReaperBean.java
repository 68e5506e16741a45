package io.socketreaper.jmx;

import io.socketreaper.control.Control;
import io.socketreaper.control.DrainAdvice;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Totals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The agent's MBean. Any thread. */
final class SocketReaperBean implements SocketReaperMXBean {
    private final Control control;
    private final AgentQueries queries;

    SocketReaperBean(Control control, AgentQueries queries) {
        this.control = control;
        this.queries = queries;
    }

    @Override
    public String getVersion() {
        return queries.status().version();
    }

    @Override
    public long getPid() {
        return queries.status().pid();
    }

    @Override
    public long getStartTime() {
        return queries.status().startedMillis();
    }

    @Override
    public boolean isAttached() {
        return queries.status().attached();
    }

    @Override
    public boolean isPaused() {
        return queries.status().paused();
    }

    @Override
    public boolean isObservingOnly() {
        return queries.status().observesOnly();
    }

    @Override
    public boolean isUnderPressure() {
        return queries.status().underPressure();
    }

    @Override
    public int getOpenDescriptors() {
        return queries.status().open();
    }

    @Override
    public long getDescriptorLimit() {
        return queries.status().limit();
    }

    @Override
    public Map<String, Integer> getDescriptorsByKind() {
        return queries.status().descriptors();
    }

    @Override
    public int getSuspects() {
        return queries.status().suspects();
    }

    @Override
    public int getReleasing() {
        return queries.status().releasing();
    }

    @Override
    public long getLeaksFound() {
        return queries.status().total().found();
    }

    @Override
    public long getLeaksReleased() {
        return queries.status().total().released();
    }

    @Override
    public long getLeaksReleasedAfterAll() {
        return queries.status().total().releasedAfterAll();
    }

    @Override
    public long getLeaksExcluded() {
        return queries.status().total().excluded();
    }

    @Override
    public long getLeaksGivenUp() {
        return queries.status().total().givenUp();
    }

    @Override
    public long getLeaksHeld() {
        return queries.status().total().held();
    }

    @Override
    public long getDrainedBytes() {
        return queries.status().total().drainedBytes();
    }

    @Override
    public Map<String, CountsData> getLeaksByKind() {
        var byKind = new LinkedHashMap<String, CountsData>();
        for (Map.Entry<String, Totals> kind : queries.status().byKind().entrySet()) {
            byKind.put(kind.getKey(), new CountsData(kind.getValue()));
        }
        return byKind;
    }

    @Override
    public String getDryRunVerdict() {
        return new DrainAdvice(queries.dryRun()).headline();
    }

    @Override
    public String[] getAdvisedSettings() {
        return new DrainAdvice(queries.dryRun()).settings().toArray(new String[0]);
    }

    @Override
    public DryRunData[] getDryRun() {
        return queries.dryRun().rows().stream().map(DryRunData::new).toArray(DryRunData[]::new);
    }

    @Override
    public SiteData[] getLeakSites() {
        return queries.sites().stream().map(SiteSnapshot::new).toArray(SiteData[]::new);
    }

    @Override
    public OpenSiteData[] getOpenSites() {
        return queries.open().stream().map(OpenSiteData::new).toArray(OpenSiteData[]::new);
    }

    @Override
    public SocketData[] getSockets() {
        return data(queries.sockets());
    }

    private static SocketData[] data(List<SocketInfo> infos) {
        return infos.stream().map(SocketData::new).toArray(SocketData[]::new);
    }

    @Override
    public ReportData[] getReports() {
        return queries.history().releases().stream().map(ReportData::new).toArray(ReportData[]::new);
    }

    @Override
    public StackData[] getStacks() {
        return queries.status().stacks().stream().map(StackData::new).toArray(StackData[]::new);
    }

    @Override
    public SettingData[] getSettings() {
        return control.settings().stream().map(SettingData::new).toArray(SettingData[]::new);
    }

    @Override
    public String[] getProblems() {
        return queries.status().problems().toArray(new String[0]);
    }

    @Override
    public long getInternalErrors() {
        return queries.status().internalErrors();
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
        return new AnswerData(queries.changed(() -> control.releaseSocket(id, AgentQueries.releaseRequest(action))));
    }

    @Override
    public AnswerData releaseSite(String id, String action) {
        return queries.releaseSite(AgentQueries.needed("id", id), action);
    }

    @Override
    public String set(String settings) {
        return queries.changed(() -> control.set(AgentQueries.needed("settings", settings)));
    }

    @Override
    public void pause() {
        queries.changed(() -> {
            control.pause();
            return null;
        });
    }

    @Override
    public void resume() {
        queries.changed(() -> {
            control.resume();
            return null;
        });
    }

    @Override
    public String detach() {
        return queries.changed(control::detach);
    }
}
