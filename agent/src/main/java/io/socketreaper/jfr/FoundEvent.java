package io.socketreaper.jfr;

import io.socketreaper.leak.Blame;
import io.socketreaper.leak.Leak;
import jdk.jfr.Description;
import jdk.jfr.Label;
import org.jspecify.annotations.Nullable;

/** What the events about one leak have. */
abstract class FoundEvent extends SocketEvent {
    @Label("Site")
    @Description("The leak site: eight hex digits, the same in every run of the same code")
    @Nullable
    String site;

    final void describe(Leak leak, int depth) {
        site = leak.site().id();
        kind = leak.kind().toString();
        grade = leak.grade().toString();
        setSnapshot(leak.snapshot(), leak.endpoints(), leak.descriptor());
        age = leak.ageMillis();
        open = leak.openMillis();
        Blame blame = leak.blame();
        if (blame.isKnown()) {
            setCode(blame.stack(), blame.thread(), "", depth);
        } else {
            setCode(leak.stack(), leak.thread(), leak.stackOrigin().withoutStack(), depth);
        }
        location = leak.site().location();
    }
}
