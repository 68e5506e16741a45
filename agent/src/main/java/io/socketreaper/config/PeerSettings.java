package io.socketreaper.config;

import io.socketreaper.model.ProbeMode;

/** The settings of probes. {@link Settings} declares them where the documentation shows them, and has their accessors. */
final class PeerSettings {
    static final Setting<ProbeMode> PROBE = new Choice<>(
            "probe",
            "auto",
            ProbeMode.values(),
            "Whether the agent probes a peer that has closed its side, by TCP keepalive, to learn if it still knows the"
                    + " connection: `auto` where a release depends on it, `on` also where the leak is only reported, `off` never.");
    /** The range is that of TCP_KEEPIDLE, 1 to 32767 seconds, without what would only be traffic. */
    static final Setting<Long> KEEPALIVE = new Inherited<>(Quantity.duration(
            "keepalive",
            "10m",
            "10s",
            "9h",
            "How long a connection must be idle until its peer is probed, too, with `track=all` and where the application does not"
                    + " use keepalive itself, so that a vanished peer is noticed; `none`: never."));

    private PeerSettings() {}

    /** Adds them to the table; called once. */
    static void declare() {
        Settings.declare(PROBE);
        Settings.declare(KEEPALIVE);
    }
}
