package io.socketreaper.jmx;

import io.socketreaper.control.SiteInfo;

/** The MBean of a site: what is known of it when somebody asks. Any thread. */
final class LeakSiteBean extends SiteSnapshot implements LeakSiteMXBean {
    private final AgentQueries queries;

    LeakSiteBean(SiteInfo first, AgentQueries queries) {
        super(first);
        this.queries = queries;
    }

    @Override
    SiteInfo info() {
        String id = super.info().id();
        for (SiteInfo info : queries.sites()) {
            if (info.id().equals(id)) {
                return info;
            }
        }
        return super.info();
    }

    @Override
    public String getId() {
        return super.info().id();
    }

    @Override
    public AnswerData release(String action) {
        return queries.releaseSite(getId(), action);
    }
}
