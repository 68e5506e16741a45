package io.socketreaper.jfr;

import io.socketreaper.leak.SuspectFound;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

@Name("io.socketreaper.Suspect")
@Label("Socket Suspect")
@Description(
        "A socket shows a sign of a leak; recorded at the first look that saw it. Most are closed or used again in time")
final class SuspectEvent extends SocketEvent {
    @Label("Timeout")
    @Description("How long it must be idle to be a leak")
    @Timespan(Timespan.MILLISECONDS)
    long timeout;

    void of(SuspectFound suspect, int depth) {
        kind = suspect.snapshot().kind().toString();
        grade = suspect.grade().toString();
        setSnapshot(suspect.snapshot(), suspect.endpoints(), suspect.descriptor());
        age = suspect.ageMillis();
        open = suspect.openMillis();
        timeout = suspect.timeoutMillis();
        setCode(suspect.stack(), suspect.thread(), suspect.stackOrigin().withoutStack(), depth);
    }
}
