package io.socketreaper.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecordMapTest {
    @Test
    void aRecordComesBackAsItWas() {
        var look = new Look(null, 1, 2, 3, Set.of("half-closed"), null);
        var result = new Look.Result("state", 4, 5, 6, List.of("LEAK"));

        assertEquals(look, RecordMap.to(Look.class, RecordMap.of(look)));
        assertEquals(result, RecordMap.to(Look.Result.class, RecordMap.of(result)));
    }

    @Test
    void whatAnotherVersionAddsIsLeftOut() {
        Map<String, Object> map = new HashMap<>(RecordMap.of(new Look.Result(null, 4, 5, 6, List.of())));
        map.put("later", true);

        assertEquals(4, RecordMap.to(Look.Result.class, map).open());
    }

    @Test
    void aMissingNumberIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> RecordMap.to(Look.Result.class, Map.of("open", 4)));
    }
}
