package io.socketreaper.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.0.0.2",
                "127.255.255.254",
                "localhost",
                "[::1]",
                "[0:0:0:0:0:0:0:1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]"
            })
    void onlyThisMachineReaches(String host) {
        assertEquals(true, ListenAddress.parse(host + ":9404").isLoopback());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "[::]",
                "[::ffff:0.0.0.0]",
                "10.0.0.1",
                "126.255.255.255",
                "128.0.0.1",
                "[::ffff:10.0.0.1]",
                "[::127.0.0.1]",
                "[fe80::1]",
                "[::2]",
                "[1::1]",
                "[2001:db8::1]"
            })
    void othersReach(String host) {
        assertEquals(false, ListenAddress.parse(host + ":9404").isLoopback());
    }

    @ParameterizedTest
    @ValueSource(strings = {"9405", ":9405"})
    void aPortAloneIsAnsweredWithAWholeAddress(String text) {
        var read = SettingsReader.read("page=" + text, new Properties(), Map.of());

        assertEquals(
                List.of("bad value \"" + text
                        + "\" of setting \"page\" (agent argument): it has a port but no address: did you mean"
                        + " 127.0.0.1:9405? write 127.0.0.1:9404, localhost:9404, [::1]:9404, or none; the default none is used"
                        + " and the agent only observes"),
                read.problems());
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "[::1]", "65536", ""})
    void withoutAPortThatIsWhatIsMissing(String text) {
        assertEquals(
                "it has no port",
                assertThrows(IllegalArgumentException.class, () -> ListenAddress.parse(text))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:9404, 9404", "localhost:0, 0", "[::1]:65535, 65535"})
    void aPortBelongsToIt(String text, int port) {
        ListenAddress address = ListenAddress.parse(text);
        assertEquals(port, address.port());
        assertEquals(text, address.toString());
        assertEquals(
                text.substring(0, text.lastIndexOf(':')) + ":1",
                address.withPort(1).toString());
    }
}
