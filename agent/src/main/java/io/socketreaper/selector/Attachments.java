package io.socketreaper.selector;

/** What the attachment of a selection key tells of the loop that dispatches on it. */
public final class Attachments {
    private Attachments() {}

    /** Whether the attachment is null or only a mark such as {@code "closed"}. Any thread; never allocates. */
    public static boolean isBare(Object attachment) {
        return attachment == null
                || attachment.getClass() == Object.class
                || attachment instanceof String
                || attachment instanceof Boolean
                || attachment instanceof Number
                || attachment instanceof Enum;
    }
}
