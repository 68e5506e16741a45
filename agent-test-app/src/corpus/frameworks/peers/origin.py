"""SIZE FIRST plain|tls: an HTTP/1.1 origin. Prints "PORT n", then "ENDED" for each long answer that it has ended, and serves until
standard input ends. What it answers to:

/eof      SIZE bytes without a length; the end of the connection ends them
/length   the same with a Content-Length; then it closes as well
/chunked  the same in chunks, with the one that ends them; then it closes as well
/hello    hello; the connection stays
/slow     the same after three seconds
/soon     the same after a third of a second
/never    nothing
/count    how often it was asked for /eof, /length or /chunked
Long answers come in two pieces; the first has FIRST bytes, the second is sent once standard input has a line. Byte number i
is i % 251. TLS ends with a close_notify. A query says how else a long answer ends: "half" ends the origin's side only and
waits for the client to end, "cut" closes without a close_notify.
"""
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

size, first = int(sys.argv[1]), int(sys.argv[2])
body = bytes(i % 251 for i in range(size))
lock = threading.Lock()
go_on = threading.Event()
asked = 0


def own_certificate():
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


tls = own_certificate() if sys.argv[3] == "tls" else None


def head(*fields):
    return "\r\n".join(("HTTP/1.1 200 OK", "Content-Type: application/octet-stream") + fields + ("", "")).encode()


def chunk(some):
    return b"%x\r\n%s\r\n" % (len(some), some)


def end(client, how):
    if tls and how != "cut":
        client.settimeout(0)
        try:
            client.unwrap()
        except ssl.SSLWantReadError:
            pass  # the client's close_notify is not waited for
        client.settimeout(None)
    client.shutdown(socket.SHUT_WR)
    print("ENDED", flush=True)
    if how == "half":
        # below TLS, which is over
        while socket.socket.recv(client, 1024):
            pass


def serve(client):
    global asked
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        client = tls.wrap_socket(client, server_side=True, suppress_ragged_eofs=True)
    reader = client.makefile("rb")
    while True:
        line = reader.readline().decode()
        if not line:
            break
        while reader.readline().strip():
            pass
        path, _, how = line.split(" ")[1].partition("?")
        if path in ("/eof", "/length", "/chunked"):
            with lock:
                asked += 1
            fields = {"/length": ("Content-Length: %d" % size,), "/chunked": ("Transfer-Encoding: chunked",)}.get(path, ())
            chunked = chunk if path == "/chunked" else bytes
            client.sendall(head("Connection: close", *fields) + chunked(body[:first]))
            go_on.wait()
            client.sendall(chunked(body[first:]) + (b"0\r\n\r\n" if path == "/chunked" else b""))
            end(client, how)
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


def serve_quietly(client):
    try:
        serve(client)
    except OSError:
        client.close()  # a client that has gone


def accept(listener):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve_quietly, args=(client,), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0), backlog=200)
print("PORT", listener.getsockname()[1], flush=True)
threading.Thread(target=accept, args=(listener,), daemon=True).start()
sys.stdin.readline()
go_on.set()
sys.stdin.read()
os._exit(0)
