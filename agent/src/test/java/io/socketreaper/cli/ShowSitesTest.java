package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShowSitesTest {
    private static final List<String> STACK = List.of("a.A.a(A.java:1)", "b.B.b(B.java:2)", "c.C.c(C.java:3)");

    @Test
    void theStackThatIsPrintedAboveIsNotPrintedAgain() {
        String report = """
                LEAK half-closed (strong)
                    code    half-closed by thread "x" in
                            at a.A.a(A.java:1)
                            at b.B.b(B.java:2)
                            at c.C.c(C.java:3)
                    opened  in
                            at d.D.d(D.java:4)
                            at c.C.c(C.java:3)
                    process 24""";
        assertEquals("""
                LEAK half-closed (strong)
                    code    half-closed by thread "x" in
                            (the stack above)
                    opened  in
                            at d.D.d(D.java:4)
                            at c.C.c(C.java:3)
                    process 24""", ShowSites.withoutStack(report, STACK));
    }

    @Test
    void soIsOneThatTheReportCutsOff() {
        assertEquals(
                "code\n    (the stack above)\nend",
                ShowSites.withoutStack("code\n    at a.A.a(A.java:1)\n    ... 2 more\nend", STACK));
    }

    @Test
    void anotherStackThatBeginsAlikeStays() {
        for (var other : List.of(
                "code\n    at a.A.a(A.java:1)\n    at b.B.b(B.java:9)",
                "code\n    at a.A.a(A.java:1)\n    ... 7 more",
                "code\n    at a.A.a(A.java:1)\n    at b.B.b(B.java:2)\n    at c.C.c(C.java:3)\n    at d.D.d(D.java:4)",
                "code\n    at b.B.b(B.java:2)\n    at c.C.c(C.java:3)")) {
            assertEquals(other, ShowSites.withoutStack(other, STACK));
        }
        assertEquals(
                "code\nopened before the agent came",
                ShowSites.withoutStack("code\nopened before the agent came", List.of()));
    }
}
