"""How long nginx and HAProxy keep a connection whose end is due, for docs/comparison.md.

    nginx -p ng/ -c nginx.conf & haproxy -f ha.cfg & python3 bounds.py NGINX_PID HAPROXY_PID

nginx.conf:

    daemon off; master_process off; pid ng.pid; error_log logs/e.log;
    events { worker_connections 64; }
    http { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
     server { listen 127.0.0.1:18090; client_max_body_size 1k; location / { return 200; } location /up { proxy_pass http://127.0.0.1:1; } } }

ha.cfg:

    defaults
      mode tcp
      timeout connect 5s
      timeout client 1h
      timeout server 1h
      timeout client-fin 3s
    frontend f
      bind 127.0.0.1:18091
      default_backend b
    frontend g
      bind 127.0.0.1:18092
      timeout client-fin 1h
      default_backend b
    backend b
      server s 127.0.0.1:18093
"""
import socket, threading, time, subprocess, sys
def held(pid, port):
    out = subprocess.run(["ss","-tanp"],capture_output=True,text=True).stdout
    return [l.split()[0] for l in out.splitlines() if f"pid={pid}," in l and f":{port} " in l and "LISTEN" not in l]
def until_gone(pid, port, most, each=None):
    t=time.time()
    while time.time()-t<most:
        h=held(pid,port)
        if not h: return f"gone after {time.time()-t:.0f} s"
        if each:
            try: each()
            except OSError as e: return f"reset after {time.time()-t:.0f} s ({e})"
        time.sleep(.5)
    return f"still {h} after {most} s"
ng, ha = int(sys.argv[1]), int(sys.argv[2])
req=b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
c=socket.create_connection(("127.0.0.1",18090)); c.sendall(req); print(c.recv(40)); time.sleep(.2); print("nginx silent:", held(ng,18090), until_gone(ng,18090,60))
c=socket.create_connection(("127.0.0.1",18090)); c.sendall(req); c.recv(40); print("nginx, a byte every half second:", until_gone(ng,18090,60,lambda: c.sendall(b"x")))
# a server that answers and half-closes
s=socket.create_server(("127.0.0.1",18093))
keep=[]
def serve():
    while True:
        x,_=s.accept(); keep.append(x); x.recv(100); x.sendall(b"552\r\n"); x.shutdown(socket.SHUT_WR)
threading.Thread(target=serve,daemon=True).start()
for port,what in ((18091,"client-fin 3s"),(18092,"client-fin 1h")):
    c=socket.create_connection(("127.0.0.1",port)); c.sendall(b"MAIL\r\n"); c.recv(10); print("haproxy", what, until_gone(ha,port,12))
