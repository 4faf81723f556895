"""What nginx does in `deploy/nginx.conf`, for tests: each connection goes to the next web process that takes it."""

import contextlib
import itertools
import select
import socket
import socketserver
import threading


class Balancer:
    """In a thread; `served` tells which port each connection went to."""

    def __init__(self, ports: list[int]):
        self.turns, self.served = itertools.cycle(ports), []
        self.many, lock = len(ports), threading.Lock()
        balancer = self

        class Connection(socketserver.BaseRequestHandler):
            """One browser, one process, until either hangs up."""

            def handle(self):
                with lock:
                    web = balancer.connect()
                with web or contextlib.nullcontext():
                    if web:
                        balancer.join(self.request, web)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def connect(self) -> socket.socket | None:
        """To the next that takes it; nothing was sent yet, so nothing is sent twice."""
        for port in itertools.islice(self.turns, self.many):
            with contextlib.suppress(OSError):
                web = socket.create_connection(("127.0.0.1", port), timeout=5)
                self.served.append(port)
                return web
        return None

    @staticmethod
    def join(one: socket.socket, other: socket.socket) -> None:
        """Hand on what either says."""
        to = {one: other, other: one}
        with contextlib.suppress(OSError):
            while True:
                for said in select.select(list(to), [], [], 60)[0]:
                    if not (block := said.recv(1 << 16)):
                        return
                    to[said].sendall(block)

    def stop(self) -> None:
        """No more connections."""
        self.server.shutdown()
        self.server.server_close()
