package io.socketreaper.jmx;

import io.socketreaper.control.SiteInfo;

/** The MBean of a site: what is known of it when somebody asks. Any thread. */
final class LeakSiteBean extends SiteSnapshot implements LeakSiteMXBean {
    private final AgentQueries answers;

    LeakSiteBean(SiteInfo first, AgentQueries answers) {
        super(first);
        this.answers = answers;
    }

    @Override
    SiteInfo info() {
        String id = super.info().id();
        for (SiteInfo info : answers.sites()) {
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
        return answers.releaseSite(getId(), action);
    }
}
