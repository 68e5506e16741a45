package io.socketreaper.leak;

import io.socketreaper.model.DescriptorKind;

/**
 * Many descriptors of a kind that the agent does not watch with {@code track=half-closed} have been open for minutes. It is only
 * reported.
 *
 * @param kind    {@link DescriptorKind#UNWATCHED_CLOSE_WAIT}, {@link DescriptorKind#UNTRACKED},
 *                {@link DescriptorKind#SELECTORS} or {@link DescriptorKind#OTHERS}
 * @param count   how many are open now
 * @param least   the lowest number in the last counts
 * @param minutes how long that is
 */
public record UnwatchedDescriptors(DescriptorKind kind, int count, int least, int minutes) {}
