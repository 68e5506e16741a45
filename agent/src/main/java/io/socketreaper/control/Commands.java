package io.socketreaper.control;

/** Carries out what the command line asks of this agent; see {@link Request} and {@link WireCodec}. One thread at a time. */
public final class Commands {
    private final Control control;
    private final AnswerStreams streams;

    public Commands(Control control, AnswerStreams streams) {
        this.control = control;
        this.streams = streams;
    }

    /** Carries out a request and returns its answer, both as {@link WireCodec} writes them. Never throws. */
    public String run(String request) {
        try {
            WireCodec.Received received = WireCodec.read(request);
            if (received.raised() != null) {
                control.limitRaised(
                        received.raised().raised(), received.raised().real());
            }
            return WireCodec.result(received.request().answer(control, streams));
        } catch (ControlException refused) {
            return WireCodec.error(refused.getMessage());
        } catch (RuntimeException | LinkageError failed) {
            return WireCodec.error("the agent failed to answer: " + failed);
        }
    }
}
