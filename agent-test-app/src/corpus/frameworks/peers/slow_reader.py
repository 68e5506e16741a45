"""PORT PATH FIRST: asks for PATH, writes the first FIRST bytes of the body to standard output, and the rest once standard input ends.
Ends with 0 after a normal end of the connection, with 1 after a reset."""
import socket
import sys

port, path, first = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
client = socket.socket()
client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
client.connect(("127.0.0.1", port))
client.sendall(("GET %s HTTP/1.0\r\n\r\n" % path).encode())
try:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    sys.stdout.buffer.write(client.recv(first, socket.MSG_WAITALL))
    sys.stdout.flush()
    sys.stdin.read()
    while True:
        some = client.recv(2000)
        if not some:
            break
        sys.stdout.buffer.write(some)
except ConnectionResetError:
    sys.stdout.flush()
    sys.exit(1)
