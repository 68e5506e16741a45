package io.socketreaper.config;

/** A list of rules about sockets that are never released. */
final class ExclusionList extends Setting<Exclusions> {
    ExclusionList(String name, String doc) {
        super(name, NONE, doc);
    }

    @Override
    Exclusions parse(String text) {
        return text.equals(NONE) ? Exclusions.NONE : Exclusions.parse(text);
    }

    @Override
    String unit() {
        return "rules";
    }

    @Override
    String range() {
        return "rules separated by ;";
    }

    @Override
    String forms() {
        return "items separated by \";\" such as remote:10.0.0.0/8, remote:10.1.2.3:8080, local::8080, "
                + "remote:[2001:db8::]/32, local:[::1]:8080 or stack:com.example.*, or " + NONE;
    }
}
