package io.socketreaper.log;

/** {@code System.err}, asked for anew each time, because applications replace it. */
final class StandardError implements Outlet {
    private final Format format;

    StandardError(Format format) {
        this.format = format;
    }

    @Override
    public void write(Entry entry) {
        System.err.println(format.of(entry));
    }
}
