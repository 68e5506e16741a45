package io.socketreaper.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTextTest {
    @Test
    void whatSteersATerminalOrForgesALineIsNotPassedOn() {
        assertEquals("a?[31mb", PrintableText.line("a\u001b[31mb"));
        assertEquals("a?b?c?d", PrintableText.line("a\u202eb\u2028c\u2029d"));
        assertEquals("a?b?c", PrintableText.line("a\nb\tc"));
        assertEquals("?", PrintableText.line("\ud800"));
    }

    @Test
    void aBlockKeepsItsLayout() {
        assertEquals("a\n\tb?", PrintableText.block("a\n\tb\r"));
    }

    @Test
    void whatPeopleWriteStays() {
        assertEquals("Größe \u4e2d \ud83d\ude00", PrintableText.line("Größe \u4e2d \ud83d\ude00"));
    }

    @Test
    void aLineIsCutWithDots() {
        assertEquals("abcdef", PrintableText.line("abcdef", 6));
        assertEquals("ab...", PrintableText.line("abcdef", 5));
        assertEquals("...", PrintableText.line("abcdef", 2));
    }
}
