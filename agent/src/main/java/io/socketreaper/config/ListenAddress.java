package io.socketreaper.config;

/** Where an outlet listens. An address, never a name that would have to be looked up; {@code localhost} is 127.0.0.1. */
public final class ListenAddress {
    private static final String LOCALHOST = "localhost";
    private static final int MOST_PORT = 65_535;
    private static final AddressBlock LOOPBACK = AddressBlock.parse("127.0.0.0/8");
    private static final AddressBlock LOOPBACK_V6 = AddressBlock.parse("[::1]");
    private static final AddressBlock WILDCARD = AddressBlock.parse("0.0.0.0");
    private static final AddressBlock WILDCARD_V6 = AddressBlock.parse("[::]");

    private final String host;
    private final byte[] address;
    private final int port;

    private ListenAddress(String host, byte[] address, int port) {
        this.host = host;
        this.address = address;
        this.port = port;
    }

    /**
     * Reads {@code 127.0.0.1:9404}, {@code localhost:9404} or {@code [::1]:9404}.
     *
     * @throws IllegalArgumentException whose message says in a clause what is wrong with the text
     */
    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String bare = text.substring(colon + 1);
        if (colon <= 0 && AddressBlock.number(bare, MOST_PORT) >= 0) {
            throw new IllegalArgumentException("it has a port but no address: did you mean 127.0.0.1:" + bare + "?");
        }
        if (colon < 0 || text.endsWith("]")) {
            throw new IllegalArgumentException("it has no port");
        }
        String host = text.substring(0, colon);
        int port = AddressBlock.number(text.substring(colon + 1), MOST_PORT);
        if (port < 0) {
            throw new IllegalArgumentException("its port is not a number from 0 to " + MOST_PORT);
        }
        if (host.indexOf('/') >= 0) {
            throw new IllegalArgumentException("it is a range of addresses");
        }
        return new ListenAddress(
                host,
                AddressBlock.parse(host.equals(LOCALHOST) ? "127.0.0.1" : host).address(),
                port);
    }

    /** The 4 or 16 bytes of the address. */
    public byte[] address() {
        return address.clone();
    }

    /** The port; 0 stands for any that is free. */
    public int port() {
        return port;
    }

    /** Whether only this machine can reach it. */
    public boolean isLoopback() {
        return LOOPBACK.contains(address) || LOOPBACK_V6.contains(address);
    }

    /** The same address for a log that leaves the house: it does not say which host that is, if it names one at all. */
    public ListenAddress masked() {
        return isLoopback() || WILDCARD.contains(address) || WILDCARD_V6.contains(address)
                ? this
                : new ListenAddress("(masked)", address, port);
    }

    /** The same address with another port. */
    public ListenAddress withPort(int other) {
        return new ListenAddress(host, address, other);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
