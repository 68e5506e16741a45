"""A TLS 1.2 server whose certificate nobody trusts: prints its port, serves until standard input ends."""
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

with tempfile.TemporaryDirectory() as folder:
    key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(certificate, key)


def serve(client):
    client.settimeout(10)
    try:
        with tls.wrap_socket(client, server_side=True) as secure:
            secure.recv(1024)
    except OSError:
        client.close()


def accept():
    while True:
        threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()


server = socket.create_server(("127.0.0.1", 0), backlog=128)
threading.Thread(target=accept, daemon=True).start()
print(server.getsockname()[1], flush=True)
sys.stdin.read()
