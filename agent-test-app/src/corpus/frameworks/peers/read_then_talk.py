"""PORT COUNT plain|tls REQUEST: so many clients say REQUEST, wait for the server's FIN, say RSET all the same and close."""
import socket
import ssl
import sys

port, count, transport, request = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE
# the session tickets that follow a handshake of 1.3 would race with the server's half-close
tls.maximum_version = ssl.TLSVersion.TLSv1_2

for _ in range(count):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        speaker = client if transport == "plain" else tls.wrap_socket(client.dup())
        speaker.sendall(request.encode())
        # below TLS: a FIN without close_notify would make it answer with an alert
        while client.recv(4096):
            pass
        client.sendall(b"RSET\r\n")
        speaker.close()
