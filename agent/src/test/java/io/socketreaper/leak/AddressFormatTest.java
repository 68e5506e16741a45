package io.socketreaper.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.socketreaper.model.Endpoints;
import io.socketreaper.report.Leaks;
import io.socketreaper.report.ReportText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressFormatTest {
    private final AddressFormat masked = new AddressFormat(true);

    @Test
    void theSameHostHasTheSameNameWhateverItsPortAndSide() throws Exception {
        assertEquals(
                "local host-1:25, peer host-2:52814",
                masked.of(new Endpoints(address("10.1.2.3", 25), address("10.9.9.9", 52_814))));
        assertEquals(
                "local host-2:40123, peer host-1:80",
                masked.of(new Endpoints(address("10.9.9.9", 40_123), address("10.1.2.3", 80))));
        assertEquals("host-3:443", masked.of(address("2001:db8::1", 443)));
        assertEquals("host-1:1", masked.of(address("::ffff:10.1.2.3", 1)), "the same host in its IPv6 form");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.9.1", "::1", "0.0.0.0", "::"})
    void whatNamesNoOtherHostStaysAsItIs(String literal) throws Exception {
        assertEquals(Endpoints.text(address(literal, 25)), masked.of(address(literal, 25)));
    }

    @Test
    void whatIsUnknownStaysUnknownAndPathsArePaths() {
        assertEquals(
                "local unknown, peer unix /run/app.sock",
                masked.of(new Endpoints(null, UnixDomainSocketAddress.of("/run/app.sock"))));
    }

    @Test
    void withoutMaskingEverythingIsAsItIs() throws Exception {
        var endpoints = new Endpoints(address("10.1.2.3", 25), address("2001:db8::1", 443));

        assertEquals(endpoints.toString(), new AddressFormat(false).of(endpoints));
        assertEquals("remote:10.0.0.0/8", new AddressFormat(false).ofRule("remote:10.0.0.0/8"));
    }

    @ParameterizedTest
    @CsvSource({
        "remote:10.1.2.3, remote:(masked)",
        "remote:10.0.0.0/8, remote:(masked)",
        "local:10.1.2.3:25, local:(masked):25",
        "remote:[2001:db8::]/32, remote:(masked)",
        "remote:[2001:db8::1]:8080, remote:(masked):8080",
        "remote:[2001:db8::]/32:8080, remote:(masked):8080",
        "local::25, local::25",
        "stack:com.example.*, stack:com.example.*"
    })
    void aRuleKeepsItsPortAndLosesItsAddress(String rule, String shown) {
        assertEquals(shown, masked.ofRule(rule));
    }

    @Test
    void aReportWithMaskedAddressesNamesNobody() {
        var text = new ReportText(20, masked);
        var leak = Leaks.leak(Leaks.PEER_OPEN);

        String report = text.of(leak, new Outcome.Excluded("remote:192.0.2.0/24"));
        assertEquals("""
                LEAK half-closed (weak), site 0a1b2c3d: local host-1:25, peer host-2:40123, fd 57 = socket:[4711]
                    what    the application shut the output 61.5 s ago, has not read since, and waits for no input: 6 bytes are unread, \
                the peer's side is still open, and the socket has been idle for 60.0 s (TCP state FIN_WAIT2)
                    done    not touched, because of exclude=remote:(masked)
                    peer    has acknowledged all sent bytes and our FIN; has not ended its side
                    blame   com.example.smtp.Session.reject(Session.java:41): it shut the output
                    code    half-closed by thread "smtp-7" in
                            at sun.nio.ch.SocketChannelImpl.shutdownOutput(SocketChannelImpl.java:1090)
                            at com.example.smtp.Session.reject(Session.java:41)
                            at com.example.smtp.Session.data(Session.java:17)
                            at com.example.smtp.Server.run(Server.java:99)
                    process 812 of 1024 descriptors open (79 %)""", report);
        assertFalse(text.releasedAfterAll(leak, AfterAll.CLOSED, 1).contains("192.0.2"));
    }

    @Test
    void theMemoryIsBounded() throws Exception {
        for (int i = 0; i < AddressFormat.MOST_HOSTS; i++) {
            masked.of(address("10.1." + i / 256 + "." + i % 256, 1));
        }

        assertEquals("host-other:1", masked.of(address("10.2.0.1", 1)));
        assertEquals("host-1:1", masked.of(address("10.1.0.0", 1)));
    }

    private static SocketAddress address(String literal, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(literal), port);
    }
}
