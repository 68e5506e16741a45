"""ANSWER: a server that says ANSWER whenever it has heard something, and stays connected.

Prints its port, serves until standard input ends.
"""
import selectors
import socket
import sys
import threading

answer = sys.argv[1].encode().decode("unicode_escape").encode("latin-1")


def serve():
    waiting = selectors.DefaultSelector()
    waiting.register(server, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is server:
                waiting.register(server.accept()[0], selectors.EVENT_READ)
                continue
            client = key.fileobj
            try:
                heard = client.recv(65536)
                if heard:
                    client.sendall(answer)
            except OSError:
                heard = b""
            if not heard:
                waiting.unregister(client)
                client.close()


server = socket.create_server(("127.0.0.1", 0), backlog=128)
threading.Thread(target=serve, daemon=True).start()
print(server.getsockname()[1], flush=True)
sys.stdin.read()
