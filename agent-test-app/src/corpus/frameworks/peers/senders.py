"""PORT COUNT SIZE FIRST plain|tls: so many clients post a body of SIZE bytes, with a length or in chunks, to a path that says so and how
it is to be read. They send it in two pieces, of which the first has FIRST bytes and the second is sent once standard input has a line.
They end their side and stay until standard input ends. Byte number i is i % 251. Then prints how many of them were answered 200; with
TLS this is not known, and 0.
"""
import itertools
import socket
import ssl
import sys

port, count, size, first = map(int, sys.argv[1:5])
encrypted = sys.argv[5] == "tls"
kinds = itertools.cycle(itertools.product(("length", "chunked"), ("async", "blocking")))
body = bytes(i % 251 for i in range(size))
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE
# the session tickets that follow a handshake of 1.3 would lie unread
tls.maximum_version = ssl.TLSVersion.TLSv1_2


def chunk(some):
    return b"%x\r\n%s\r\n" % (len(some), some)


clients = []
for body_kind, reads in itertools.islice(kinds, count):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if encrypted:
        client = tls.wrap_socket(client)
    if body_kind == "chunked":
        length, start, end = "Transfer-Encoding: chunked", chunk(body[:first]), chunk(body[first:]) + chunk(b"")
    else:
        length, start, end = "Content-Length: %d" % size, body[:first], body[first:]
    head = "POST /%s/%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n%s\r\n\r\n"
    client.sendall((head % (body_kind, reads, length)).encode() + start)
    clients.append((client, end))
sys.stdin.readline()
for client, end in clients:
    client.sendall(end)
    # below TLS, without close_notify: some servers take that for the end of what they have not decrypted yet
    client.shutdown(socket.SHUT_WR)
sys.stdin.read()
answered = 0
for client, _ in clients:
    try:
        if not encrypted:
            client.settimeout(5)
            answered += b" 200 " in client.recv(100)
    except OSError:
        pass
    client.close()
print(answered)
