package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Application.Word;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** The application's JVM, with the agent in it. */
final class ApplicationProcess implements Closeable {
    private static final long EXIT_SECONDS = 20;

    private final Process process;
    private final PrintWriter commands;
    private final Thread reader;

    /**
     * @param agent null for a run without it
     * @param log   gets standard error, which is the agent's
     * @param heard is called for each line of {@link Application#say}
     */
    ApplicationProcess(
            Path agent, String agentArguments, List<String> arguments, Path log, BiConsumer<Word, String> heard)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(Descriptor.OPENED));
        if (agent != null) {
            command.add("-javaagent:" + agent + "=" + agentArguments);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Application.class.getName()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("SOCKETREAPER_") || name.equals("JAVA_TOOL_OPTIONS"));
        process = builder.start();
        commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        reader = new Thread(() -> read(heard), "application's words");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(BiConsumer<Word, String> heard) {
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var parts = line.split("\t", 2);
                heard.accept(Word.valueOf(parts[0]), parts[1]);
            }
            heard.accept(Word.TROUBLE, "the application's JVM has ended");
        } catch (IOException | IllegalArgumentException e) {
            heard.accept(Word.TROUBLE, "the application was not understood: " + e);
        }
    }

    synchronized void tell(String command) {
        commands.println(command);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The end of its input ends it. */
    @Override
    public void close() {
        commands.close();
        try {
            if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            reader.join(TimeUnit.SECONDS.toMillis(EXIT_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
