"""PORT COUNT stay|leave: so many clients say DATA, wait for the server's FIN, say RSET all the same, and stay until standard
input ends, or leave."""
import socket
import sys

port, count, then = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
clients = []

for _ in range(count):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(b"DATA\r\n")
    while client.recv(4096):
        pass
    client.sendall(b"RSET\r\n")
    clients.append(client)
    if then == "leave":
        client.close()

if then == "stay":
    sys.stdin.read()
