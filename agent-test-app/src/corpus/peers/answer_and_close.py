"""[ANSWER]: a server that says ANSWER, if given, once it has heard something, and closes: a second later without one.

Prints its port, serves until standard input ends.
"""
import socket
import sys
import threading
import time

answer = (sys.argv + [""])[1].encode().decode("unicode_escape").encode("latin-1")


def serve(client):
    with client:
        if answer:
            client.recv(65536)
            client.sendall(answer)
            client.shutdown(socket.SHUT_WR)
            client.settimeout(0.5)
            try:
                while client.recv(65536):
                    pass
            except OSError:
                pass
        else:
            time.sleep(1)


def accept():
    while True:
        threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()


server = socket.create_server(("127.0.0.1", 0), backlog=128)
threading.Thread(target=accept, daemon=True).start()
print(server.getsockname()[1], flush=True)
sys.stdin.read()
