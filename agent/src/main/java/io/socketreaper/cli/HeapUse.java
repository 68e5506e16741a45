package io.socketreaper.cli;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** How many bytes of a JVM's heap are in use, from what {@code GC.heap_info} prints. */
final class HeapUse {
    /** {@code used 12345K} of G1, Parallel, Serial and ZGC; {@code 20M used} of Shenandoah. */
    private static final Pattern USED = Pattern.compile("\\bused (\\d+)([KMG])|, (\\d+)([KMG]) used");

    private static final String OTHERS = "Metaspace";
    private static final long KILO = 1024;

    private HeapUse() {}

    /** The sum of the generations; empty if this JVM says it in other words. */
    static OptionalLong bytes(String heapInfo) {
        int end = heapInfo.indexOf(OTHERS);
        var found = USED.matcher(end < 0 ? heapInfo : heapInfo.substring(0, end));
        long sum = 0;
        boolean any = false;
        while (found.find()) {
            boolean first = found.group(1) != null;
            sum += Long.parseLong(found.group(first ? 1 : 3)) * unit(found.group(first ? 2 : 4));
            any = true;
        }
        return any ? OptionalLong.of(sum) : OptionalLong.empty();
    }

    private static long unit(String letter) {
        return switch (letter) {
            case "K" -> KILO;
            case "M" -> KILO * KILO;
            default -> KILO * KILO * KILO;
        };
    }

    /** E.g. {@code 640 MB}, {@code 2.1 GB}. */
    static String text(long bytes) {
        long mega = bytes / (KILO * KILO);
        return mega < KILO ? Math.max(1, mega) + " MB" : String.format(Locale.ROOT, "%.1f GB", mega / (double) KILO);
    }
}
