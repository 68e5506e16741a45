package io.socketreaper.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says, from the jar's manifest. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"Socket Reaper " + number() + ", on Java " + Runtime.version()};
    }

    static String number() {
        var version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not from its jar)" : version;
    }
}
