package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Step.Pause;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Builds the plan of a connection: the choices of every story, and the steps so far. */
class PlanBuilder {
    /** A story has at most so many pauses in a row, and they last no longer than this in all. */
    private static final int PAUSES = 12;

    private static final int LONGEST = 6000;
    /** The most pieces that the application reads in a row: a read on a busy loop takes 20 ms on average. */
    static final int READS = 300;

    private static final int LARGE = 1_500_000;

    final SplittableRandom random;
    final Conditions conditions;
    Stack stack;
    boolean connects;
    int window;
    ExpectedRelease due = ExpectedRelease.NEVER;
    private final long seed;
    private final int number;
    private final int request;
    private final boolean deaf;
    private final List<Step> app = new ArrayList<>();
    private final List<Step> peer = new ArrayList<>();
    private final List<Step> backend = new ArrayList<>();

    PlanBuilder(long seed, int number, Conditions conditions) {
        this.seed = seed;
        this.number = number;
        this.conditions = conditions;
        random = Plan.random(seed, number);
        // The first is the streams' name.
        random.nextLong();
        stack = Stack.draw(random);
        connects = random.nextBoolean();
        request = between(1, 4000);
        deaf = random.nextInt(4) == 0;
    }

    /** Draws another stack if this one cannot play the story. */
    final void only(Predicate<Stack> suitable) {
        while (!suitable.test(stack)) {
            stack = Stack.draw(random);
        }
    }

    final int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    final int request() {
        return request;
    }

    final int bytes() {
        return switch (random.nextInt(8)) {
            case 0 -> between(LARGE / 3, LARGE);
            case 1, 2, 3 -> between(16_000, 200_000);
            default -> between(1, 16_000);
        };
    }

    final int piece() {
        return random.nextInt(4) == 0 ? between(50, 2000) : between(2000, 64_000);
    }

    /** The pause between pieces, so short that the socket counts as used, and none if there are too many pieces. */
    final int rest(int bytes, int piece) {
        int pieces = bytes / piece + 1;
        if (random.nextInt(3) == 0) {
            return 0;
        }
        int most = Math.min(conditions.timeout() / 2, LONGEST / pieces);
        return pieces <= PAUSES ? between(0, most) : Math.min(most, 20);
    }

    final int shortPause() {
        return between(0, conditions.timeout() / 2);
    }

    final int longPause() {
        return Math.min(LONGEST, between(conditions.timeout() * 13 / 10, conditions.timeout() * 5 / 2));
    }

    /** No pause, a short one or a long one. */
    final void sometimes(Consumer<Step[]> side) {
        int kind = random.nextInt(4);
        if (kind > 1) {
            side.accept(new Step[] {new Pause(kind == 2 ? shortPause() : longPause())});
        }
    }

    final void app(Step... steps) {
        app.addAll(List.of(steps));
    }

    final void peer(Step... steps) {
        peer.addAll(List.of(steps));
    }

    final void backend(Step... steps) {
        backend.addAll(List.of(steps));
    }

    final Plan plan(String story) {
        return plan(story, false);
    }

    final Plan rude(String story) {
        return plan(story, true);
    }

    private Plan plan(String story, boolean rude) {
        return new Plan(
                seed,
                number,
                stack,
                connects,
                story,
                List.copyOf(app),
                List.copyOf(peer),
                List.copyOf(backend),
                due,
                rude,
                window,
                deaf);
    }
}
