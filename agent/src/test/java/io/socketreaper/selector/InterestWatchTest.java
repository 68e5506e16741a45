package io.socketreaper.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.imaginary.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the hook tells of the interests of keys. */
class InterestWatchTest {
    private final FakeClock clock = new FakeClock();
    private final Selections selections = new Selections(clock, null);
    private final List<Boolean> told = new ArrayList<>();

    private void pass(Duration time) {
        clock.advance(time);
        selections.tick();
    }

    @Test
    void fromTheFirstHandBackUntilTwentyMinutesAfterTheLast() {
        selections.interests().whenWanted(told::add);
        pass(Duration.ofHours(1));
        assertEquals(List.of(), told);
        selections.interests().handsBack();
        assertEquals(List.of(true), told);
        pass(Duration.ofMinutes(19));
        selections.interests().handsBack();
        pass(Duration.ofMinutes(19));
        assertEquals(List.of(true), told);
        pass(Duration.ofMinutes(1));
        assertEquals(List.of(true, false), told);
        pass(Duration.ofMinutes(20));
        assertEquals(List.of(true, false), told);
        selections.interests().handsBack();
        assertEquals(List.of(true, false, true), told);
    }
}
