"""SECONDS: prints the port it listens on. A client that says 'stream' and half-closes gets 64 KiB twice a second for so long,
one that says 'wait' gets 64 KiB after that time; then the connection is closed."""
import socket
import sys
import threading
import time

seconds = int(sys.argv[1])
block = 64 * 1024
pattern = bytes(i % 251 for i in range(251 * 1024))


def serve(client):
    with client:
        words = b""
        while more := client.recv(4096):
            words += more
        if words == b"wait":
            time.sleep(seconds)
            client.sendall(pattern[:block])
            return
        position = 0
        for _ in range(2 * seconds):
            client.sendall(pattern[position % 251:][:block])
            position += block
            time.sleep(0.5)


server = socket.create_server(("127.0.0.1", 0), backlog=1024)
print(server.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
