package io.socketreaper.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointsTest {
    @ParameterizedTest
    @CsvSource({"10.1.2.3, 25, 10.1.2.3:25", "2001:db8::1, 443, [2001:db8:0:0:0:0:0:1]:443"})
    void anAddressIsALiteralAndAnIpv6OneStandsInBrackets(String literal, int port, String text) throws Exception {
        assertEquals(text, Endpoints.text(new InetSocketAddress(InetAddress.getByName(literal), port)));
    }

    @Test
    void aNameIsNeverShownNorLookedUp() throws UnknownHostException {
        var named = InetAddress.getByAddress("host.example", new byte[] {10, 1, 2, 3});

        assertEquals("10.1.2.3:25", Endpoints.text(new InetSocketAddress(named, 25)));
        assertEquals("unknown", Endpoints.text(InetSocketAddress.createUnresolved("host.example", 25)));
    }

    @Test
    void aUnixDomainSocketIsShownByItsPathIfItHasOne() {
        assertEquals("unix /run/app.sock", Endpoints.text(UnixDomainSocketAddress.of("/run/app.sock")));
        assertEquals("unix (unnamed)", Endpoints.text(UnixDomainSocketAddress.of("")));
    }

    @Test
    void eachEndHasItsOwnAddressAndPort() throws UnknownHostException {
        var ends = new Endpoints(end(1, 40_123), end(2, 443));

        assertArrayEquals(new byte[] {10, 0, 0, 1}, ends.localBytes());
        assertArrayEquals(new byte[] {10, 0, 0, 2}, ends.remoteBytes());
        assertEquals(40_123, ends.localPort());
        assertEquals(443, ends.remotePort());
        assertEquals("local 10.0.0.1:40123, peer 10.0.0.2:443", ends.toString());
    }

    @Test
    void ofAnEndThatIsNotKnownThereIsNeitherAddressNorPort() {
        var unknown = new Endpoints(null, null);
        assertNull(unknown.localBytes());
        assertNull(unknown.remoteBytes());
        assertEquals(-1, unknown.localPort());
        assertEquals(-1, unknown.remotePort());
        assertEquals("local unknown, peer unknown", unknown.toString());
    }

    @Test
    void aNameThatWasNotResolvedHasAPortAndNoAddress() {
        var ends = new Endpoints(null, InetSocketAddress.createUnresolved("host.example", 25));

        assertNull(ends.remoteBytes());
        assertEquals(25, ends.remotePort());
    }

    private static InetSocketAddress end(int last, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last}), port);
    }
}
