"""SIZE FIRST: an HTTP/1.1 origin. Prints "PORT n" and serves until standard input ends. What it answers to:

/eof      SIZE bytes without a length; the end of the connection ends them
/length   the same with a Content-Length; then it closes as well
/hello    hello; the connection stays
/slow     the same after three seconds
/soon     the same after a third of a second
/never    nothing
/count    how often it was asked for /eof or /length
Long answers come in two pieces; the first has FIRST bytes. Byte number i is i % 251.
"""
import os
import socket
import sys
import threading
import time

size, first = int(sys.argv[1]), int(sys.argv[2])
body = bytes(i % 251 for i in range(size))
lock = threading.Lock()
asked = 0


def head(*fields):
    return "\r\n".join(("HTTP/1.1 200 OK", "Content-Type: application/octet-stream") + fields + ("", "")).encode()


def serve(client):
    global asked
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reader = client.makefile("rb")
    while True:
        line = reader.readline().decode()
        if not line:
            break
        while reader.readline().strip():
            pass
        path = line.split(" ")[1]
        if path in ("/eof", "/length"):
            with lock:
                asked += 1
            length = ("Content-Length: %d" % size,) if path == "/length" else ()
            client.sendall(head("Connection: close", *length) + body[:first])
            time.sleep(0.3)
            client.sendall(body[first:])
            break
        if path == "/never":
            reader.read()
            break
        if path in ("/slow", "/soon"):
            time.sleep(3 if path == "/slow" else 0.3)
        answer = str(asked).encode() if path == "/count" else b"hello"
        client.sendall(head("Content-Length: %d" % len(answer)) + answer)
    reader.close()
    client.close()


def accept(listener):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0), backlog=200)
print("PORT", listener.getsockname()[1], flush=True)
threading.Thread(target=accept, args=(listener,), daemon=True).start()
sys.stdin.read()
os._exit(0)
