package io.socketreaper.jmx;

import io.socketreaper.control.SiteInfo;

/** A site at one moment. */
class SiteSnapshot implements SiteData {
    private final SiteInfo info;

    SiteSnapshot(SiteInfo info) {
        this.info = info;
    }

    /** What is known now. */
    SiteInfo info() {
        return info;
    }

    @Override
    public String getId() {
        return info().id();
    }

    @Override
    public String getKind() {
        return info().kind();
    }

    @Override
    public String getGrade() {
        return info().grade();
    }

    @Override
    public String getLocation() {
        return info().location();
    }

    @Override
    public String[] getStack() {
        return info().stack().toArray(new String[0]);
    }

    @Override
    public String getBlame() {
        return info().blame();
    }

    @Override
    public String[] getOpeningStack() {
        return info().opening().toArray(new String[0]);
    }

    @Override
    public long getFound() {
        return info().totals().found();
    }

    @Override
    public long getReleased() {
        return info().totals().released();
    }

    @Override
    public long getReleasedAfterAll() {
        return info().totals().releasedAfterAll();
    }

    @Override
    public long getExcluded() {
        return info().totals().excluded();
    }

    @Override
    public long getGivenUp() {
        return info().totals().givenUp();
    }

    @Override
    public long getHeld() {
        return info().totals().held();
    }

    @Override
    public long getDrainedBytes() {
        return info().totals().drainedBytes();
    }

    @Override
    public long getFirstTime() {
        return info().firstMillis();
    }

    @Override
    public long getLastTime() {
        return info().lastMillis();
    }

    @Override
    public String getLastOutcome() {
        return info().lastOutcome();
    }

    @Override
    public String getReport() {
        return info().report();
    }
}
