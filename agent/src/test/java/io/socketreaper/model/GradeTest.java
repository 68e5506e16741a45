package io.socketreaper.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GradeTest {
    @ParameterizedTest
    @EnumSource(Grade.class)
    void onlyWhatIsProvenOrStrongIsSure(Grade grade) {
        assertEquals(grade == Grade.PROVEN || grade == Grade.STRONG, grade.isSure());
    }
}
