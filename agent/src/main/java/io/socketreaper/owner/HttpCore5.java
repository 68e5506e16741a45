package io.socketreaper.owner;

import java.lang.reflect.Method;

/**
 * Apache HttpCore 5, below HttpClient 5's asynchronous clients: the attachment is the {@code InternalDataChannel} of a session. It is
 * closed at once and leaves the rest to its reactor's thread, which tells the exchanges of a {@code ConnectionClosedException}: a client
 * does not repeat a request after that. It would after a reset that it meets by itself, so it is not handed back; and a session whose
 * channel is closed below it is met by nobody again.
 */
final class HttpCore5 implements Framework {
    private static final String CHANNEL = "hc.core5.reactor.InternalDataChannel";
    private static final String IMMEDIATE = "IMMEDIATE";

    @Override
    public Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(attachment, CHANNEL);
        if (type == null) {
            return null;
        }
        for (Method close : type.getMethods()) {
            if (close.getName().equals("close") && close.getParameterCount() == 1 && close.getParameterTypes()[0].isEnum()) {
                Object immediate = close.getParameterTypes()[0].getField(IMMEDIATE).get(null);
                close.setAccessible(true);
                return new FrameworkOwner("HttpCore 5 " + type.getName() + ", closed as a session",
                        FrameworkOwner.callersThread(attachment), cause -> close.invoke(attachment, immediate)).withoutHandBack();
            }
        }
        throw new NoSuchMethodException(type.getName() + ".close(CloseMode)");
    }
}
