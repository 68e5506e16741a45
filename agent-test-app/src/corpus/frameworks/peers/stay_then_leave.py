"""PORT COUNT plain|tls REQUEST: so many clients say REQUEST, stay until standard input ends, and leave without a word."""
import socket
import ssl
import sys

port, count, transport, request = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE
# the session tickets that follow a handshake of 1.3 would lie unread, and leaving would be a reset
tls.maximum_version = ssl.TLSVersion.TLSv1_2
clients = []

for _ in range(count):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    speaker = client if transport == "plain" else tls.wrap_socket(client)
    speaker.sendall(request.encode())
    clients.append(speaker)

sys.stdin.read()
for speaker in clients:
    speaker.close()
