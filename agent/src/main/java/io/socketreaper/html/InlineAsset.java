package io.socketreaper.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A style sheet or script that is written into the document, and its hash, by which the browser knows that it is ours. */
record InlineAsset(String text, String hash) {
    /** In our jar its files lie under another name: see the build file. */
    private static final String[] UPLOT = {
        "/io/socketreaper/shaded/uplot/1.6.30/dist/", "/META-INF/resources/webjars/uplot/1.6.30/dist/"
    };

    static final InlineAsset STYLE = of("/io/socketreaper/html/style.css");
    static final InlineAsset SCRIPT = of("/io/socketreaper/html/report.js");
    static final InlineAsset LIVE = of("/io/socketreaper/html/live.js");
    static final InlineAsset CHART = of(UPLOT[0] + "uPlot.iife.min.js", UPLOT[1] + "uPlot.iife.min.js");
    static final InlineAsset CHART_STYLE = of(UPLOT[0] + "uPlot.min.css", UPLOT[1] + "uPlot.min.css");

    private static InlineAsset of(String... places) {
        for (String place : places) {
            byte[] bytes = read(place.substring(1));
            if (bytes != null) {
                // A browser hashes what it has parsed, and its parser knows one line break only.
                String text = new String(bytes, StandardCharsets.UTF_8)
                        .replace("\r\n", "\n")
                        .replace('\r', '\n');
                return new InlineAsset(text, hash(text));
            }
        }
        throw new IllegalStateException("the jar lacks " + places[0]);
    }

    /** By the loader, not by the class: the agent's own loader knows streams only, no addresses. */
    private static byte @Nullable [] read(String name) {
        try (InputStream in = InlineAsset.class.getClassLoader().getResourceAsStream(name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the jar's " + name + " cannot be read; was it replaced?", e);
        }
    }

    private static String hash(String text) {
        try {
            return "'sha256-"
                    + Base64.getEncoder()
                            .encodeToString(
                                    MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)))
                    + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
