package io.socketreaper.control;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line can ask of an agent in another JVM. {@link WireCodec} writes it for the agent and reads it there.
 *
 * @param <R> the answer
 */
public sealed interface Request<R> {
    /**
     * Carries the request out.
     *
     * @throws ControlException if it cannot be met, with a sentence for the operator
     */
    R answer(Control control, AnswerStreams streams);

    /** The type of the answer, as the record names it. */
    default Type answerType() {
        return ((ParameterizedType) getClass().getGenericInterfaces()[0]).getActualTypeArguments()[0];
    }

    /** The counts of the agent, and the settings. */
    record GetStatus() implements Request<Status> {
        @Override
        public Status answer(Control control, AnswerStreams streams) {
            return control.settledStatus();
        }
    }

    /** All leak sites. */
    record GetSites() implements Request<List<SiteInfo>> {
        @Override
        public List<SiteInfo> answer(Control control, AnswerStreams streams) {
            return control.sites();
        }
    }

    /** What became of the leaks that were only reported. */
    record GetDryRun() implements Request<DryRunInfo> {
        @Override
        public DryRunInfo answer(Control control, AnswerStreams streams) {
            return control.dryRun();
        }
    }

    /**
     * The sockets that show a sign of a leak, the longest idle first.
     *
     * @param site  id of a leak site; null for all
     * @param limit how many at most
     */
    record GetSockets(@Nullable String site, int limit) implements Request<List<SocketInfo>> {
        @Override
        public List<SocketInfo> answer(Control control, AnswerStreams streams) {
            return control.sockets(site, checked(limit));
        }
    }

    /** The lines of code that open sockets. */
    record GetOpen(OpenQuestion question) implements Request<List<OpenSiteInfo>> {
        @Override
        public List<OpenSiteInfo> answer(Control control, AnswerStreams streams) {
            return control.open(question);
        }
    }

    /**
     * The open sockets of one site.
     *
     * @param site id of a leak site or of an opening site
     */
    record GetDescriptors(String site) implements Request<List<SiteDescriptor>> {
        @Override
        public List<SiteDescriptor> answer(Control control, AnswerStreams streams) {
            return control.descriptors(site);
        }
    }

    /**
     * All of that at once, and the history.
     *
     * @param limit how many sockets at most
     */
    record GetView(int limit) implements Request<AgentView> {
        @Override
        public AgentView answer(Control control, AnswerStreams streams) {
            return AgentView.full(control, checked(limit));
        }
    }

    /** The release of one leak. */
    record ReleaseSocket(long socket, ReleaseRequest action) implements Request<ReleaseAnswer> {
        @Override
        public ReleaseAnswer answer(Control control, AnswerStreams streams) {
            return control.releaseSocket(socket, checked(action));
        }
    }

    /** The release of all leaks of a site. */
    record ReleaseSite(String site, ReleaseRequest action) implements Request<ReleaseAnswer> {
        @Override
        public ReleaseAnswer answer(Control control, AnswerStreams streams) {
            return control.releaseSite(site, checked(action));
        }
    }

    /**
     * Keeps what the command {@code holders} has found, for page and reports. It is too long for a request.
     *
     * @param file holds it as {@link WireCodec#bytes} writes it
     */
    record KeepHolders(String file) implements Request<String> {
        @Override
        public String answer(Control control, AnswerStreams streams) {
            control.keepHolders(WireCodec.readHolders(file));
            return "kept";
        }
    }

    /** A change of settings, {@code key=value,key=value}. */
    record Change(String settings) implements Request<String> {
        @Override
        public String answer(Control control, AnswerStreams streams) {
            return control.set(settings);
        }
    }

    /** A pause, or its end. */
    record Pause(boolean on) implements Request<String> {
        @Override
        public String answer(Control control, AnswerStreams streams) {
            if (on) {
                control.pause();
                return "paused";
            }
            control.resume();
            return "resumed";
        }
    }

    /** The end of the agent. */
    record Detach() implements Request<String> {
        @Override
        public String answer(Control control, AnswerStreams streams) {
            return control.detach();
        }
    }

    /**
     * An answer that is renewed until its file is deleted, see {@link AnswerStreams}. The request itself is answered at once.
     *
     * @param file        is there, and is overwritten by the agent
     * @param everyMillis time between two answers
     * @param limit       how many sockets at most
     * @param settled     whether each answer has the {@linkplain Control#settledStatus settled status}
     */
    record Stream(String file, long everyMillis, int limit, boolean settled) implements Request<String> {
        @Override
        public String answer(Control control, AnswerStreams streams) {
            streams.start(Path.of(file), everyMillis, checked(limit), settled);
            return "streaming";
        }
    }

    /** A word that this agent does not know arrives as null. */
    private static ReleaseRequest checked(ReleaseRequest action) {
        if (action == null) {
            throw new ControlException("the agent in that JVM does not know this kind of release; it may be of another"
                    + " version. Nothing was released");
        }
        return action;
    }

    private static int checked(int limit) {
        if (limit < 1) {
            throw new ControlException("bad value \"" + limit + "\" of limit: write a number from 1 on");
        }
        return limit;
    }
}
