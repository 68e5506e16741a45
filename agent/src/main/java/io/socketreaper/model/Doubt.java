package io.socketreaper.model;

import io.socketreaper.model.SocketSnapshot.Holder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a release could lose: the reasons why a leak is {@link Grade#DOUBTFUL}. */
public enum Doubt {
    /** Bytes wait for a reader in the receive queue or in a handler: the peer has closed its side, or they fill the receive window. */
    UNREAD("unread"),
    /** TLS has decrypted bytes that the application has not read. */
    PLAINTEXT("plaintext"),
    /** The application has gone on reading since its half-close, or since its unix-domain peer closed, and has not been told the end. */
    READ_ON("read-on"),
    /** The peer has closed its side and still answers, so it may wait for the application's answer. */
    PEER_ANSWERS("peer-answers"),
    /** The peer has closed its side, and it cannot be asked whether it is still there. */
    PEER_NOT_KNOWN("peer-not-known");

    /** Only a socket that the application can still get at leaves a doubt. */
    private static final Set<Holder> HELD = Set.of(Holder.OPEN, Holder.DYING, Holder.GONE);

    private final String text;

    Doubt(String text) {
        this.text = text;
    }

    /** The doubts about a leaked socket of this evidence; empty unless its grade is doubtful. */
    public static List<Doubt> of(SocketSnapshot snapshot, SocketUse use) {
        var doubts = new ArrayList<Doubt>();
        if (!HELD.contains(snapshot.hold())) {
            return doubts;
        }
        if (!snapshot.outputShut() && (snapshot.unreadBytes() > 0 || snapshot.held() > 0)) {
            doubts.add(UNREAD);
        }
        if (snapshot.plaintext() > 0) {
            doubts.add(PLAINTEXT);
        }
        // Once the peer has closed, what may still come is the end; bytes that are unread say more.
        if (use.mayReadOn() && (snapshot.outputShut() ? !snapshot.tlsOver() : doubts.isEmpty())) {
            doubts.add(READ_ON);
        }
        if (!snapshot.outputShut() && snapshot.tcpState() != TcpState.CLOSE) {
            addPeer(use.peer(), doubts);
        }
        return doubts;
    }

    private static void addPeer(PeerAnswer answer, List<Doubt> doubts) {
        if (answer == PeerAnswer.ANSWERS) {
            doubts.add(PEER_ANSWERS);
        } else if (answer == PeerAnswer.UNKNOWN) {
            doubts.add(PEER_NOT_KNOWN);
        }
    }

    /** The word of JSON lines and documentation. */
    @Override
    public String toString() {
        return text;
    }
}
