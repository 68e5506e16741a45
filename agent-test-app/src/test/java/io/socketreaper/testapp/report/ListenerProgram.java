package io.socketreaper.testapp.report;

import io.socketreaper.api.SocketReaper;
import io.socketreaper.testapp.harness.Leaker;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;

/** Registers listeners for leaks and leaks on command: one word a line on its standard input, each answered by a line. */
public final class ListenerProgram {
    private final Leaker leaker;
    private final Deque<SocketReaper.Registration> registrations = new ArrayDeque<>();
    private final CountDownLatch unblocked = new CountDownLatch(1);

    private ListenerProgram() throws Exception {
        leaker = new Leaker(new InetSocketAddress("127.0.0.1", 0));
    }

    public static void main(String[] arguments) throws Exception {
        var program = new ListenerProgram();
        try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (var word = in.readLine(); word != null && !word.equals("end"); word = in.readLine()) {
                System.out.println(word + " " + program.answer(word));
            }
        }
    }

    private Object answer(String word) throws Exception {
        switch (word) {
            case "active":
                return SocketReaper.isActive();
            case "leak":
                return leaker.leak();
            case "leak500":
                for (int i = 0; i < 500; i++) {
                    leaker.leak();
                }
                return 500;
            case "hang":
                return leaker.hang();
            case "over":
                return leaker.hangUp();
            case "detaching":
                return Thread.getAllStackTraces().values().stream()
                        .flatMap(Arrays::stream)
                        .anyMatch(frame -> frame.getMethodName().equals("detach")
                                && frame.getClassName().endsWith("runtime.AgentController"));
            case "listen":
                registrations.push(SocketReaper.onLeak(leak -> System.out.println("heard " + leak.kind() + " "
                        + leak.grade() + " " + leak.outcome() + " " + leak.site() + " " + leak.unreadBytes() + " "
                        + leak.location() + " "
                        + leak.stack().isEmpty() + " " + leak.text().startsWith("LEAK " + leak.kind()) + " "
                        + leak.local().startsWith("127.0.0.1:") + " "
                        + leak.peer().startsWith("127.0.0.1:") + " "
                        + (leak.descriptor() > 0) + " "
                        + (leak.signMillis() >= 400
                                && leak.openMillis() >= leak.signMillis()
                                && leak.idleMillis() >= 400)
                        + " on " + Thread.currentThread().getName())));
                return registrations.size();
            case "throw":
                registrations.push(SocketReaper.onLeak(leak -> {
                    System.out.println("throwing");
                    throw new IllegalStateException("hostile");
                }));
                return registrations.size();
            case "block":
                registrations.push(SocketReaper.onLeak(leak -> {
                    System.out.println("blocked");
                    try {
                        unblocked.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
                return registrations.size();
            case "unblock":
                unblocked.countDown();
                return "";
            case "unlisten":
                registrations.pop().close();
                return registrations.size();
            case "threads":
                return Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("socket-reaper-listeners") && thread.isDaemon())
                        .count();
            default:
                throw new IllegalArgumentException(word);
        }
    }
}
