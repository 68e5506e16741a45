package io.socketreaper.stack.tls;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one {@code SSLSocketImpl}: the input that it has read from the socket below and not yet delivered, the threads
 * that are inside it, and the directions that have ended. JDK 17, 21 and 25 name them alike.
 *
 * <p>A look takes no lock: the application's {@code close()} tries the read lock once, and if another thread holds it the JDK
 * leaves the input unread and resets the peer. Instead a look asks first whether the lock is free, which makes visible what the
 * last owner of the lock has written.
 */
final class TlsState {
    private final Class<?> records;
    private final VarHandle context;
    private final VarHandle closed;
    private final VarHandle handshakeLock;
    private final VarHandle input;
    private final VarHandle readLock;
    private final VarHandle available;
    private final VarHandle buffer;
    private final VarHandle inputRecord;
    private final VarHandle outputRecord;
    private final VarHandle inputClosed;
    private final VarHandle outputClosed;
    private final VarHandle writeLock;
    private final VarHandle headerRead;
    private final VarHandle bodyRead;
    private final VarHandle closeNotified;
    private final VarHandle broken;
    private final VarHandle closeReason;

    /** @throws ReflectiveOperationException naming the member that this JDK lacks */
    TlsState(Class<?> type) throws ReflectiveOperationException {
        Class<?> contexts = find("TransportContext");
        Class<?> inputs = find("SSLSocketImpl$AppInputStream");
        Class<?> inputRecords = find("InputRecord");
        Class<?> outputRecords = find("OutputRecord");
        records = find("SSLSocketInputRecord");
        context = field(type, "conContext", contexts);
        closed = field(type, "tlsIsClosed", boolean.class);
        handshakeLock = field(type, "handshakeLock", ReentrantLock.class);
        input = field(type, "appInput", inputs);
        readLock = field(inputs, "readLock", ReentrantLock.class);
        available = field(inputs, "appDataIsAvailable", boolean.class);
        buffer = field(inputs, "buffer", ByteBuffer.class);
        inputRecord = field(contexts, "inputRecord", inputRecords);
        outputRecord = field(contexts, "outputRecord", outputRecords);
        closeNotified = field(contexts, "isInputCloseNotified", boolean.class);
        broken = field(contexts, "isBroken", boolean.class);
        closeReason = field(contexts, "closeReason", Exception.class);
        inputClosed = field(inputRecords, "isClosed", boolean.class);
        outputClosed = field(outputRecords, "isClosed", boolean.class);
        writeLock = field(outputRecords, "recordLock", ReentrantLock.class);
        headerRead = field(records, "headerOff", int.class);
        bodyRead = field(records, "recordBody", ByteBuffer.class);
    }

    private static Class<?> find(String name) throws ClassNotFoundException {
        return Class.forName(TlsLayer.PACKAGE + name, false, null);
    }

    private static VarHandle field(Class<?> owner, String name, Class<?> type) throws ReflectiveOperationException {
        return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, name, type);
    }

    /**
     * The bytes that a read of the application could still be given without the socket below: decrypted ones, and those of a
     * record that came only in part before a read timed out. 0 once the input has ended, as then the JDK delivers none.
     */
    int plaintext(@Nullable Object socket) {
        // Its answer does not matter: having asked makes visible what the last reader has written.
        readLock(socket).isLocked();
        Object state = context.get(socket);
        Object record = inputRecord.get(state);
        if ((boolean) inputClosed.getVolatile(record) || (boolean) broken.getVolatile(state)) {
            return 0;
        }
        Object stream = input.get(socket);
        int decrypted = (boolean) available.getVolatile(stream) ? ((ByteBuffer) buffer.get(stream)).remaining() : 0;
        return records.isInstance(record)
                ? decrypted + (int) headerRead.get(record) + ((ByteBuffer) bodyRead.get(record)).position()
                : decrypted;
    }

    /** Whether another thread is in a read or a handshake, or waits to begin one. */
    boolean isReading(@Nullable Object socket) {
        return isWanted(readLock(socket)) || isWanted(handshakeLock(socket));
    }

    /** Whether another thread is in a write, perhaps between two of its records, or waits to begin one. */
    boolean isWriting(@Nullable Object socket) {
        return isWanted(writeLock(socket));
    }

    private static boolean isWanted(ReentrantLock lock) {
        return lock.isLocked() && !lock.isHeldByCurrentThread() || lock.hasQueuedThreads();
    }

    /** Whether both directions have ended, each by its close_notify or an error: no byte can pass any more. */
    boolean isOver(Object socket) {
        Object state = context.get(socket);
        return (boolean) inputClosed.getVolatile(inputRecord.get(state))
                && (boolean) outputClosed.getVolatile(outputRecord.get(state));
    }

    /** Takes the locks of readers, handshakes and writers, if they are free. They are held for moments only. */
    boolean tryLock(@Nullable Object socket) {
        ReentrantLock[] locks = {readLock(socket), handshakeLock(socket), writeLock(socket)};
        for (int i = 0; i < locks.length; i++) {
            if (!locks[i].tryLock()) {
                while (--i >= 0) {
                    locks[i].unlock();
                }
                return false;
            }
        }
        return true;
    }

    /** Undoes {@link #tryLock}. */
    void unlock(@Nullable Object socket) {
        writeLock(socket).unlock();
        handshakeLock(socket).unlock();
        readLock(socket).unlock();
    }

    /**
     * Makes every later read and write throw, as they do after the JDK itself has found the connection broken. Where the input
     * has ended in order, reads go on returning -1: all of it was delivered. To be called between {@link #tryLock} and
     * {@link #unlock}.
     */
    void condemn(@Nullable Object socket) {
        Object state = context.get(socket);
        if (!hasEnded(state) && closeReason.getVolatile(state) == null) {
            closeReason.setVolatile(state, (Exception) new SocketException("Connection reset"));
        }
        broken.setVolatile(state, true);
        // The only state that a writer reads again after it has waited for the lock.
        outputClosed.setVolatile(outputRecord.get(state), true);
    }

    /** Whether the application is told the end of input at its next read. */
    private boolean hasEnded(Object state) {
        return (boolean) closeNotified.getVolatile(state) && (boolean) inputClosed.getVolatile(inputRecord.get(state));
    }

    /** Makes it know that it is closed. */
    void markClosed(@Nullable Object socket) {
        closed.setVolatile(socket, true);
    }

    private ReentrantLock readLock(@Nullable Object socket) {
        return (ReentrantLock) readLock.get(input.get(socket));
    }

    private ReentrantLock handshakeLock(@Nullable Object socket) {
        return (ReentrantLock) handshakeLock.get(socket);
    }

    private ReentrantLock writeLock(@Nullable Object socket) {
        return (ReentrantLock) writeLock.get(outputRecord.get(context.get(socket)));
    }
}
