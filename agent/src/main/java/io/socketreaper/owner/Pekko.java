package io.socketreaper.owner;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Pekko's and Akka's I/O: the attachment is the actor of the connection. It drops the word that its channel is ready while its reading is
 * suspended; told to resume, it reads, meets the reset and fails the stream or tells its handler {@code ErrorClosed}. Told to abort, it
 * closes whatever it is doing.
 */
final class Pekko implements Framework {
    private static final String[] ACTORS = {"pekko.actor.ActorRef", "akka.actor.ActorRef"};
    private static final String ACTOR = "actor.ActorRef";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        for (String actor : ACTORS) {
            Class<?> type = Members.typeOf(attachment, actor);
            if (type != null) {
                return owner(attachment, type);
            }
        }
        return null;
    }

    private static Owner owner(Object actor, Class<?> type) throws ReflectiveOperationException {
        Method tell = type.getMethod("tell", Object.class, type);
        Object resume = command(type, "ResumeReading");
        Object abort = command(type, "Abort");
        return new FrameworkOwner(
                        "Pekko " + actor.getClass().getName() + ", closed by its actor",
                        FrameworkOwner.callersThread(actor),
                        cause -> tell.invoke(actor, resume, null))
                .then(FrameworkOwner.callersThread(actor), cause -> tell.invoke(actor, abort, null));
    }

    private static Object command(Class<?> type, String name) throws ReflectiveOperationException {
        String home = type.getName().substring(0, type.getName().length() - ACTOR.length());
        return Class.forName(home + "io.Tcp$" + name + "$", true, type.getClassLoader())
                .getField("MODULE$")
                .get(null);
    }
}
