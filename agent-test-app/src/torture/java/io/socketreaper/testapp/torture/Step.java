package io.socketreaper.testapp.torture;

import java.io.IOException;

/** One step of one side of a connection; both sides interpret the same steps. Times are milliseconds. */
sealed interface Step {
    void play(Actor actor) throws IOException;

    /** Sends the next bytes of its stream in pieces, with a pause after each but the last. */
    record Send(int bytes, int piece, int pause) implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.send(bytes, piece, pause);
        }
    }

    /** Sends the next bytes of its stream from a file, with {@code transferTo} where the stack has it. */
    record SendFile(int bytes) implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.sendFile(bytes);
        }
    }

    /** Reads so many bytes, with a pause after each piece. */
    record Receive(int bytes, int piece, int pause) implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.receive(bytes, piece, pause);
        }
    }

    /** Asks {@code available()} until so many bytes are there. */
    record Poll(int bytes, int every) implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.poll(bytes, every);
        }
    }

    /** Reads the end of input, which must not come before the other side has sent all that it promised. */
    record End() implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.end();
        }
    }

    record Pause(int millis) implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.pause(millis);
        }
    }

    record HalfClose() implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.halfClose();
        }
    }

    record Close() implements Step {
        @Override
        public void play(Actor actor) {
            actor.close();
        }
    }

    /** Closes with a reset. */
    record Reset() implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.reset();
        }
    }

    /** The application's last step: the connection is leaked. */
    record Leak(Loss loss) implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.leak(loss);
        }
    }

    /** The peer's last step beside a leak: it listens until its connection fails, or it is told that the leak is over. */
    record Listen() implements Step {
        @Override
        public void play(Actor actor) throws IOException {
            actor.listen();
        }
    }

    /** How a connection is leaked. */
    enum Loss {
        /** The object stays reachable. */
        KEPT,
        /** The object is dropped. */
        DROPPED,
        /** Closed while it was registered with a selector on which no thread selects. */
        CLOSED_ON_DEAD_SELECTOR
    }
}
