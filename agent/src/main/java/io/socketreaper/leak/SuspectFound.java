package io.socketreaper.leak;

import io.socketreaper.model.Endpoints;
import io.socketreaper.model.Grade;
import io.socketreaper.model.SocketSnapshot;

/**
 * A socket that shows a sign, at the first look that has seen it. Most are closed or used again in time.
 *
 * @param endpoints     both addresses
 * @param descriptor    number of its descriptor
 * @param snapshot      the facts of kernel and JDK
 * @param grade         what a leak of it would be
 * @param stackOrigin          what is known of the code
 * @param ageMillis     time since the half-close, else since another sign was found
 * @param openMillis    time since it was opened, or first met
 * @param timeoutMillis how long it must be idle to be a leak
 * @param thread        name of the thread that half-closed it; empty if that is not what the stack shows
 * @param stack         where that was, innermost frame first
 */
public record SuspectFound(
        Endpoints endpoints,
        int descriptor,
        SocketSnapshot snapshot,
        Grade grade,
        StackOrigin stackOrigin,
        long ageMillis,
        long openMillis,
        long timeoutMillis,
        String thread,
        StackTraceElement[] stack) {}
