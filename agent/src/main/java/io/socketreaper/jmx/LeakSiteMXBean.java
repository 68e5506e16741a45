package io.socketreaper.jmx;

/** {@code io.socketreaper:type=LeakSite,id=...}. */
@Description("A leak site: one bug")
public interface LeakSiteMXBean extends SiteData {
    @Description("Releases all leaks of this site that were only reported; the same safety checks apply")
    AnswerData release(
            @Description(name = "action", value = "drain, close, drain-doubtful or close-doubtful") String action);
}
