package io.socketreaper.jmx;

/** {@code io.socketreaper:type=LeakSite,id=...}. */
@About("A leak site: one bug")
public interface LeakSiteMXBean extends SiteData {
    @About("Releases all leaks of this site that were only reported; every veto holds")
    AnswerData release(@About(name = "action", value = "drain or close") String action);
}
