package io.socketreaper.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.socketreaper.config.ListenAddress;
import io.socketreaper.control.CachedAnswer;
import io.socketreaper.control.ControlException;
import io.socketreaper.http.HttpHandler;
import io.socketreaper.http.HttpRequest;
import io.socketreaper.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

/**
 * Answers a scrape, in the format and encoding that it accepts. However many scrapers there are, the agent is asked once a
 * second.
 */
public final class MetricsHandler implements HttpHandler {
    private final ExpositionFormatWriter openMetrics =
            OpenMetricsTextFormatWriter.builder().build();
    private final ExpositionFormatWriter plain =
            PrometheusTextFormatWriter.builder().build();
    private final Exposition exposition = new Exposition();
    private final CachedAnswer<MetricValues> values;
    private final boolean remote;

    public MetricsHandler(Supplier<MetricValues> source, ListenAddress address) {
        this.values = new CachedAnswer<>(source);
        this.remote = !address.isLoopback();
    }

    /** Loads all classes that a scrape needs, because loading may fail once the process has run out of descriptors. */
    public void warmUp() {
        handle(new HttpRequest("GET", "/metrics", "", Map.of(), new byte[0], ""));
        handle(new HttpRequest(
                "GET",
                "/metrics",
                "",
                Map.of("accept", List.of("application/openmetrics-text"), "accept-encoding", List.of("gzip")),
                new byte[0],
                ""));
    }

    @Override
    public HttpResponse handle(HttpRequest request) {
        // A browser could be made to read them for another site, whose name it then sends.
        if (!remote && request.hostAddress() == null && !request.header("host").isEmpty()) {
            return HttpResponse.text(403, "403 read the metrics by the address in the log, not by a host name\n");
        }
        if (request.method().equals("POST")) {
            return HttpResponse.text(405, "405 the metrics accept only GET\n");
        }
        return switch (request.path()) {
            case "/metrics" -> scrape(request);
            case "/" -> HttpResponse.text(200, "Socket Reaper: its metrics are at /metrics\n");
            default -> HttpResponse.text(404, "404 the metrics are at /metrics\n");
        };
    }

    private HttpResponse scrape(HttpRequest request) {
        MetricValues current;
        try {
            current = values.get();
        } catch (ControlException late) {
            return HttpResponse.text(503, "503 " + late.getMessage() + "\n");
        }
        ExpositionFormatWriter writer = openMetrics.accepts(request.header("accept")) ? openMetrics : plain;
        boolean zipped = request.header("accept-encoding").contains("gzip");
        var body = new ByteArrayOutputStream();
        try (OutputStream out = zipped ? new GZIPOutputStream(body) : body) {
            writer.write(out, exposition.of(current));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        Map<String, String> headers = new HashMap<>();
        headers.put("Vary", "Accept, Accept-Encoding");
        if (zipped) {
            headers.put("Content-Encoding", "gzip");
        }
        return new HttpResponse(200, writer.getContentType(), headers, body.toByteArray());
    }
}
