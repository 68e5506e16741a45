package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExclusionsTest {
    private static final byte[] OTHER = {(byte) 203, 0, 113, 9};
    private static final int OTHER_PORT = 50_000;
    private static final int NO_PORT = -1;

    @ParameterizedTest
    @CsvSource({
        "remote:10.1.2.3,                    10.1.2.3,           1",
        "remote:10.1.2.3:25,                 10.1.2.3,           25",
        "remote:10.0.0.0/8,                  10.255.0.1,         1",
        "remote:10.9.9.9/8,                  10.255.0.1,         1",
        "remote:10.0.0.0/8:25,               10.255.0.1,         25",
        "remote:192.168.4.0/22,              192.168.7.255,      1",
        "remote:10.1.2.2/31,                 10.1.2.3,           1",
        "remote:200.0.0.0/1,                 128.0.0.0,          1",
        "remote:0.0.0.0/0,                   203.0.113.1,        1",
        "remote::25,                         10.1.2.3,           25",
        "remote::25,                         2001:db8::1,        25",
        "remote::65535,                      10.1.2.3,           65535",
        "remote:[2001:db8::]/32,             2001:db8:ffff::1,   1",
        "remote:[2001:DB8::1],               2001:db8::1,        1",
        "remote:[2001:db8::]/32:25,          2001:db8::1,        25",
        "remote:[fe80::]/10,                 febf::1,            1",
        "remote:[::1]:8080,                  ::1,                8080",
        "remote:[::]/0,                      2001:db8::1,        1",
        "remote:[64:ff9b::10.1.2.3],         64:ff9b::a01:203,   1",
        "remote:[1:2:3:4:5:6:7:8],           1:2:3:4:5:6:7:8,    1",
        "remote:[1:2:3:4:5:6:10.1.2.3],      1:2:3:4:5:6:a01:203, 1",
        "remote:[1:2::],                     1:2:0:0:0:0:0:0,    1",
        "remote:[1:2:3:4:5:6:7::],           1:2:3:4:5:6:7:0,    1",
        "remote:[::ffff:10.1.2.3],           10.1.2.3,           1",
        "remote:[::ffff:a00:0]/104,          10.200.0.1,         1",
        "remote:[::ffff:0:0]/96,             203.0.113.1,        1"
    })
    void aRuleMatchesTheAddressesAndPortsItNames(String rule, String address, int port) throws Exception {
        byte[] bytes = InetAddress.getByName(address).getAddress();

        assertEquals(rule, Exclusions.parse(rule).match(OTHER, OTHER_PORT, bytes, port, null));
        String local = rule.replace("remote:", "local:");
        assertEquals(local, Exclusions.parse(local).match(bytes, port, OTHER, OTHER_PORT, null));
    }

    @ParameterizedTest
    @CsvSource({
        "remote:10.1.2.3,           10.1.2.4,         1",
        "remote:10.1.2.3:25,        10.1.2.3,         26",
        "remote:10.1.2.3:25,        10.1.2.4,         25",
        "remote:10.0.0.0/8,         11.0.0.1,         1",
        "remote:192.168.4.0/22,     192.168.8.0,      1",
        "remote:10.1.2.2/31,        10.1.2.4,         1",
        "remote:200.0.0.0/1,        127.0.0.1,        1",
        "remote:0.0.0.0/0,          2001:db8::1,      1",
        "remote::25,                10.1.2.3,         26",
        "remote:[2001:db8::]/32,    2001:db9::1,      1",
        "remote:[fe80::]/10,        fec0::1,          1",
        "remote:[::]/0,             203.0.113.1,      1",
        "remote:[::1]:8080,         ::1,              8081",
        "remote:[::ffff:0:0]/96,    2001:db8::1,      1"
    })
    void aRuleLeavesOtherAddressesAndPortsAlone(String rule, String address, int port) throws Exception {
        byte[] bytes = InetAddress.getByName(address).getAddress();

        assertNull(Exclusions.parse(rule).match(bytes, port, bytes, port, null));
    }

    @Test
    void aRuleAboutOneEndDoesNotLookAtTheOther() {
        byte[] address = {10, 1, 2, 3};

        assertNull(Exclusions.parse("remote:10.1.2.3").match(address, 25, OTHER, OTHER_PORT, null));
        assertNull(Exclusions.parse("local:10.1.2.3").match(OTHER, OTHER_PORT, address, 25, null));
        assertNull(Exclusions.parse("remote::25").match(address, 25, OTHER, OTHER_PORT, null));
        assertNull(Exclusions.parse("local::25").match(OTHER, OTHER_PORT, address, 25, null));
    }

    @Test
    void anIpv4AddressMappedIntoIpv6MatchesIpv4Rules() {
        byte[] mapped = HexFormat.of().parseHex("00000000000000000000ffff0a010203");
        byte[] almost = HexFormat.of().parseHex("00000000000000000001ffff0a010203");

        var rule = Exclusions.parse("remote:10.0.0.0/8");

        assertEquals("remote:10.0.0.0/8", rule.match(null, NO_PORT, mapped, 1, null));
        assertNull(rule.match(null, NO_PORT, almost, 1, null));
    }

    @Test
    void whatIsUnknownMatchesNoRule() {
        var rules = Exclusions.parse("remote:0.0.0.0/0;local:[::]/0;remote::25;stack:*");

        assertNull(rules.match(null, NO_PORT, null, NO_PORT, null));
        assertNull(rules.match(null, NO_PORT, null, NO_PORT, new String[] {null}));
        assertEquals("remote::25", rules.match(null, NO_PORT, null, 25, null));
    }

    @ParameterizedTest
    @CsvSource({
        "stack:com.example.Proxy,      com.example.Proxy",
        "stack:com.example.*,          com.example.deep.Proxy$Leg",
        "stack:*.Proxy,                com.example.Proxy",
        "stack:*Lambda*,               com.example.Proxy$$Lambda/0x0000000800c03000",
        "stack:com.*.a*b,              com.x.aab",
        "stack:com.*.a*b,              com.x.a.axb.axb",
        "stack:com.example.*Proxy*,    com.example.Proxy",
        "stack:*,                      Proxy",
        "stack:a**b,                   ab"
    })
    void aPatternMatchesWholeClassNames(String rule, String className) {
        assertEquals(
                rule, Exclusions.parse(rule).match(OTHER, 1, OTHER, 1, new String[] {"java.lang.Thread", className}));
    }

    @ParameterizedTest
    @CsvSource({
        "stack:com.example.Proxy,      com.example.ProxyLeg",
        "stack:Proxy,                  com.example.Proxy",
        "stack:com.example.*,          com.examples.Proxy",
        "stack:com.example.*,          org.com.example.Proxy",
        "stack:com.example.*,          comXexample.Proxy",
        "stack:*.proxy,                com.example.Proxy",
        "stack:*.a*b,                  com.x.aac"
    })
    void aPatternLeavesOtherClassesAlone(String rule, String className) {
        assertNull(Exclusions.parse(rule).match(OTHER, 1, OTHER, 1, new String[] {className}));
    }

    @Test
    void theFirstRuleThatMatchesIsNamed() {
        var rules = Exclusions.parse(" remote:10.0.0.0/8 ; ;local::25; remote:10.1.2.3 ;");
        byte[] address = {10, 1, 2, 3};

        assertFalse(rules.isEmpty());
        assertEquals("remote:10.0.0.0/8", rules.match(OTHER, 25, address, 1, null));
        assertEquals("local::25", rules.match(OTHER, 25, OTHER, 1, null));
        assertNull(rules.match(OTHER, 26, OTHER, 1, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ";", " ; "})
    void aListWithoutItemsExcludesNothing(String text) {
        assertSame(Exclusions.NONE, Exclusions.parse(text));
        assertTrue(Exclusions.NONE.isEmpty());
        assertNull(Exclusions.NONE.match(OTHER, 1, OTHER, 1, new String[] {"A"}));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1,                       it does not start with remote: or local: or stack:",
        "Remote:10.0.0.1,                it does not start with remote: or local: or stack:",
        "remote:,                        it names neither an address nor a port",
        "remote:localhost,               it has no IPv4 address of the form 10.1.2.3 (host names are not resolved)",
        "remote:10.0.0,                  it has no IPv4 address",
        "remote:10.0.0.,                 it has no IPv4 address",
        "remote:10.0.0.0.1,              it has no IPv4 address",
        "remote:10.0.0.256,              it has no IPv4 address",
        "remote:10.0.0.010,              it has no IPv4 address",
        "remote:10.0.0.-1,               it has no IPv4 address",
        "remote:/8,                      it has no IPv4 address",
        "remote:10.0.0.0/33,             its prefix length is not a number from 0 to 32",
        "remote:10.0.0.0/,               its prefix length is not a number from 0 to 32",
        "remote:10.0.0.0/-1,             its prefix length is not a number from 0 to 32",
        "remote:10.0.0.0/8/8,            its prefix length is not a number from 0 to 32",
        "remote:10.0.0.1:0,              its port is not a number from 1 to 65535",
        "remote:10.0.0.1:65536,          its port is not a number from 1 to 65535",
        "remote:10.0.0.1:4294967297,     its port is not a number from 1 to 65535",
        "remote:10.0.0.1:http,           its port is not a number from 1 to 65535",
        "remote:10.0.0.1:,               its port is not a number from 1 to 65535",
        "local::,                        its port is not a number from 1 to 65535",
        "local:::1,                      an IPv6 address needs brackets",
        "local:2001:db8::1,              an IPv6 address needs brackets",
        "local:[::1]8080,                only a prefix length or a port may follow the brackets",
        "local:[::1/64],                 only a prefix length or a port may follow the brackets",
        "local:[10.0.0.1],               the text in brackets is not an IPv6 address",
        "local:[],                       the text in brackets is not an IPv6 address",
        "local:[:],                      the text in brackets is not an IPv6 address",
        "local:[:::],                    the text in brackets is not an IPv6 address",
        "local:[1::2::3],                the text in brackets is not an IPv6 address",
        "local:[1:2:3:4:5:6:7],          the text in brackets is not an IPv6 address",
        "local:[1:2:3:4:5:6:7:8:9],      the text in brackets is not an IPv6 address",
        "local:[1:2:3:4:5:6:7:8::],      the text in brackets is not an IPv6 address",
        "local:[1:2:3:4::5:6:7:8],       the text in brackets is not an IPv6 address",
        "local:[1:2:3:4:5:6:7:1.2.3.4],  the text in brackets is not an IPv6 address",
        "local:[1.2.3.4::],              the text in brackets is not an IPv6 address",
        "local:[::1.2.3.4:5],            the text in brackets is not an IPv6 address",
        "local:[::1.2.3.400],            the text in brackets is not an IPv6 address",
        "local:[1:],                     the text in brackets is not an IPv6 address",
        "local:[::12345],                the text in brackets is not an IPv6 address",
        "local:[::g],                    the text in brackets is not an IPv6 address",
        "local:[fe80::1%eth0],           the text in brackets is not an IPv6 address",
        "local:[::]/129,                 its prefix length is not a number from 0 to 128",
        "local:[::ffff:0:0]/95,          an IPv4-mapped address needs a prefix length of at least 96",
        "stack:,                         it names no class",
        "stack:com/example/Proxy,        'a class name has no \"/\"'",
        "stack:com.example.Proxy#run,    'a class name has no \"#\"'",
        "'stack:a b',                    'a class name has no \" \"'"
    })
    void anItemThatIsNoRuleIsNamedWithItsReason(String item, String reason) {
        var problem = assertThrows(IllegalArgumentException.class, () -> Exclusions.parse("local::80;" + item));

        assertTrue(
                problem.getMessage().startsWith("item \"" + item + "\" is not a rule because " + reason),
                problem.getMessage());
    }

    @Test
    void everyItemThatIsNoRuleIsNamed() {
        var problem = assertThrows(IllegalArgumentException.class, () -> Exclusions.parse("a;local::80;b"));

        assertEquals(
                "item \"a\" is not a rule because it does not start with remote: or local: or stack:,"
                        + " item \"b\" is not a rule because it does not start with remote: or local: or stack:",
                problem.getMessage());
    }
}
