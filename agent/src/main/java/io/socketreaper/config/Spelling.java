package io.socketreaper.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the word that somebody meant; loaded only when a word is wrong. */
final class Spelling {
    /** A word is near when at most one letter in this many is wrong: "timout" is near "timeout", "port" is near no setting. */
    private static final int LETTERS_PER_MISTAKE = 3;

    private Spelling() {}

    /** The nearest of the candidates, the first of equals, or null if none is near. Case, "_" and "." do not count. */
    static @Nullable String nearest(String word, Iterable<String> candidates) {
        String nearest = null;
        int fewest = Integer.MAX_VALUE;
        String typed = plain(word);
        for (String candidate : candidates) {
            int longer = Math.max(typed.length(), candidate.length());
            if (Math.abs(typed.length() - candidate.length()) * LETTERS_PER_MISTAKE > longer) {
                continue;
            }
            int mistakes = mistakes(typed, plain(candidate));
            if (mistakes * LETTERS_PER_MISTAKE <= longer && mistakes < fewest) {
                fewest = mistakes;
                nearest = candidate;
            }
        }
        return nearest;
    }

    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
    }

    /** Letters to insert, remove or replace, or neighbours to swap, to get from one word to the other. */
    private static int mistakes(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 ? j : j == 0 ? i : cheapest(a, b, i, j, cost);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int cheapest(String a, String b, int i, int j, int[][] cost) {
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, 1 + cost[i - 2][j - 2]) : best;
    }
}
