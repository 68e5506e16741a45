package io.socketreaper.model;

/** What is done about a leaked socket once its timeout has passed; written in lower case in every source. */
public enum Action {
    /** Reports the leak and does not touch the socket. */
    LOG,
    /** Read and discard what the peer still sends, within bounds, then close. */
    DRAIN,
    /** Close at once; a peer whose data was not read sees a reset. */
    CLOSE
}
