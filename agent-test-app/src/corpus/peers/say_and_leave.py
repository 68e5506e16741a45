"""PORT COUNT WORDS ANSWER [LAST_WORDS]: so many clients say WORDS, read as far as ANSWER or, if that is "the end", to it, say
LAST_WORDS and close."""
import socket
import sys
import time

port, count = int(sys.argv[1]), int(sys.argv[2])
words, answer, last = ((sys.argv + [""])[i].encode().decode("unicode_escape").encode() for i in (3, 4, 5))
patience = time.monotonic() + 10


def connect():
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.02)


for _ in range(count):
    with connect() as client:
        client.sendall(words)
        heard = b""
        while answer not in heard:
            more = client.recv(4096)
            if not more and answer == b"the end":
                break
            if not more:
                sys.exit(f"the connection ended after {heard}")
            heard += more
        client.sendall(last)
