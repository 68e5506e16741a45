package io.socketreaper.jfr;

import io.socketreaper.leak.SuspectFound;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

@Name("io.socketreaper.Suspect")
@Label("Socket Suspect")
@Description(
        "A socket shows a sign of a leak, at the first look that has seen it; most are closed or used again in time")
final class SuspectEvent extends SocketEvent {
    @Label("Timeout")
    @Description("How long it must be idle to be a leak")
    @Timespan(Timespan.MILLISECONDS)
    long timeout;

    void of(SuspectFound suspicion, int depth) {
        kind = suspicion.sighting().kind().toString();
        grade = suspicion.grade().toString();
        sighted(suspicion.sighting(), suspicion.endpoints(), suspicion.descriptor());
        age = suspicion.ageMillis();
        open = suspicion.openMillis();
        timeout = suspicion.timeoutMillis();
        code(suspicion.stack(), suspicion.thread(), suspicion.sign().withoutStack(), depth);
    }
}
