package io.socketreaper.html;

import io.socketreaper.control.SiteInfo;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.model.BlameKind;
import io.socketreaper.text.PrintableText;

/**
 * What the code of a leak site has done, in words: the line that is blamed, and the line that opened the socket.
 *
 * @param title        heading of the stack of the site's line
 * @param deed         what that line has done, as a clause; empty if it is not known
 * @param tellsOpening whether the opening is known, and is another place than the line to blame
 */
record SiteCode(String title, String deed, boolean tellsOpening) {
    /** The sentence in place of the stack, for a site without one: it says why the stack is not known. */
    static String withoutStack(SiteInfo site) {
        String place = PrintableText.line(site.location());
        return place.isEmpty()
                ? "The stack is not known, and the source of this report does not say why."
                : LeakSites.classOf(place).isEmpty()
                        ? "The stack is not known: " + place + "."
                        : "The stack is not known: the source of this report has only the line " + place + ".";
    }

    static SiteCode of(SiteInfo site) {
        BlameKind kind = BlameKind.named(site.blame());
        boolean opens = kind == BlameKind.OPENING;
        return new SiteCode(
                kind == null || kind == BlameKind.NONE ? "Stack" : "Line to blame",
                kind == null ? "" : kind == BlameKind.NONE ? "the line to blame is not known" : kind.deed(),
                !opens
                        && !site.opening().isEmpty()
                        && !(site.opening().equals(site.stack())
                                && site.openedAt().equals(site.location())));
    }
}
