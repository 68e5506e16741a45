"""Holds a TCP port, as another program does: prints its number and stays until standard input ends."""
import socket
import sys

holder = socket.create_server(("127.0.0.1", 0))
print(holder.getsockname()[1], flush=True)
sys.stdin.read()
