package io.socketreaper.owner.relocated.pekko.actor;

import java.util.ArrayList;
import java.util.List;

/** What keys are attached to in a relocated Pekko. */
public abstract class ActorRef {
    private final List<Object> messages = new ArrayList<>();

    public final void tell(Object message, ActorRef sender) {
        messages.add(message);
    }

    public List<Object> messages() {
        return messages;
    }
}
