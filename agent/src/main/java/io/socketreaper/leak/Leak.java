package io.socketreaper.leak;

import io.socketreaper.descriptor.DescriptorCensus;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketUse;
import org.jspecify.annotations.Nullable;

/**
 * One leaked socket, as it was when it was found.
 *
 * @param site            the bug it belongs to
 * @param endpoints       both addresses
 * @param descriptor      number of its descriptor
 * @param link            what the descriptor refers to, {@code socket:[inode]}; null if it could not be told
 * @param snapshot        the facts of kernel and JDK
 * @param use             what application and peer have done with it
 * @param stackOrigin            what is known of the code that lost it
 * @param ageMillis       time since the half-close, else since another sign was found
 * @param openMillis      time since it was opened, or first met
 * @param idleMillis      time since the last activity of application or network
 * @param sinceReadMillis time since the last read on the half-closed socket, -1 if there was none
 * @param thread          name of the thread that half-closed it; empty if that is not what the stack shows
 * @param stack           where that was, innermost frame first
 * @param endOfInput      the read that told the application of the end of input
 * @param blame           the line of code to blame
 * @param opening         where it was opened, innermost frame first; empty if that is not known
 * @param holder          of a closed socket: what keeps its descriptor; of an open one: the selector of its key, if no thread
 *                        selects on it; empty if neither is known
 * @param census          the process's descriptors
 */
public record Leak(
        LeakSite site,
        LeakKind kind,
        Grade grade,
        Endpoints endpoints,
        int descriptor,
        @Nullable String link,
        SocketSnapshot snapshot,
        SocketUse use,
        StackOrigin stackOrigin,
        long ageMillis,
        long openMillis,
        long idleMillis,
        long sinceReadMillis,
        String thread,
        StackTraceElement[] stack,
        EndOfInputRead endOfInput,
        Blame blame,
        StackTraceElement[] opening,
        String holder,
        DescriptorCensus census) {}
