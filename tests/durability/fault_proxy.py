"""A bad network between a client and the server: a proxy on a port of its own that spoils connections by plan.

Each connection carries one request. ``plan`` says which fault the next one meets; "none" lets it pass. With ``only``
the plan is asked for requests that begin so, and all others pass: a browser also fetches its pages. Duplicates and
reordered requests are real: the very bytes arrive at the server twice, or after those of a later connection.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable

FAULTS = (
    "answer lost",  # the server has committed; the client's connection ends without a byte
    "reset in body",  # the connection is reset half-way through the upload
    "truncated body",  # the upload ends half-way without a reset
    "duplicate",  # the request arrives twice
    "reorder",  # the request arrives after the client has given up and later ones have passed
    "slow line",  # 64 kbit/s
    "delay",  # the answer comes two seconds late
    "drip",  # the answer comes byte by byte
    "captive portal",  # somebody else answers 200 with a page
    "captive redirect",  # somebody else redirects to a page
    "truncated answer",  # the answer ends in its middle
    "half headers",  # the answer ends within its headers
    "refused",  # nobody answers at all
)
PAGE = b"<html><body>Wi-Fi: dang nhap</body></html>"
PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    % len(PAGE)
) + PAGE
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
CHUNK = 800  # a tenth of a second at 64 kbit/s


class Proxy:
    """Listens while the ``with`` lasts; ``met`` counts what happened."""

    def __init__(
        self, target: int, plan: Callable[[], str], *, delay: float = 2.0, only: bytes = b""
    ) -> None:
        self._target, self._plan, self._delay, self._only = target, plan, delay, only
        self.met: Counter[str] = Counter()
        self._later: list[threading.Thread] = []
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                proxy._one(self.request)

        class Listener(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                proxy.met["broken off"] += 1  # an end that we planned, or that the client chose

        self._listener = Listener(("127.0.0.1", 0), Handler)
        self.port = int(self._listener.server_address[1])

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._later:
            thread.join(timeout=30)
        self._listener.shutdown()
        self._listener.server_close()

    def _one(self, client: socket.socket) -> None:
        client.settimeout(30)
        fault = self._plan() if _begins(client, self._only) else "none"
        self.met[fault] += 1
        if fault == "refused":
            return
        request = self._read_request(client, slow=fault == "slow line", part=fault in HALVED)
        if fault in ("captive portal", "captive redirect"):
            client.sendall(PORTAL if fault == "captive portal" else REDIRECT)
        elif fault in HALVED:
            self._half(client, request, reset=fault == "reset in body")
        elif fault == "reorder":
            self._later.append(threading.Thread(target=self._late, args=(request,), daemon=True))
            self._later[-1].start()
        else:
            answer = self._ask(request)
            if fault == "duplicate":
                answer = self._ask(request)
            self._give(client, answer, fault)

    def _read_request(self, client: socket.socket, *, slow: bool, part: bool) -> bytes:
        """The whole request, or half of its body."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += _some(client)
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        wanted = length // 2 if part else length
        while len(body) < wanted:
            if slow:
                time.sleep(0.1)
            body += _some(client, CHUNK if slow else 65536)
        return head.replace(b"Connection: keep-alive", b"Connection: close") + b"\r\n\r\n" + body[:length]

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._target), timeout=30) as server:
            server.sendall(_closing(request))
            answer = b""
            while more := server.recv(65536):
                answer += more
            return answer

    def _half(self, client: socket.socket, request: bytes, *, reset: bool) -> None:
        with socket.create_connection(("127.0.0.1", self._target), timeout=30) as server:
            server.sendall(request)
            if reset:
                _reset(server)
        if reset:
            _reset(client)

    def _late(self, request: bytes) -> None:
        time.sleep(self._delay / 2)
        self._ask(request)

    def _give(self, client: socket.socket, answer: bytes, fault: str) -> None:
        if fault == "answer lost":
            _reset(client)
        elif fault == "truncated answer":
            client.sendall(answer[:-20])
        elif fault == "half headers":
            client.sendall(answer[:40])
        elif fault == "drip":
            for byte in range(len(answer)):
                client.sendall(answer[byte : byte + 1])
                time.sleep(0.001)
        else:
            if fault == "delay":
                time.sleep(self._delay)
            client.sendall(answer)


def _begins(client: socket.socket, only: bytes) -> bool:
    """Whether the request that waits begins so; it is looked at without taking it."""
    while only:
        seen = client.recv(len(only), socket.MSG_PEEK)
        if not seen:
            raise ConnectionError("the client left")
        if not only.startswith(seen[: len(only)]):
            return False
        if len(seen) >= len(only):
            return True
        time.sleep(0.01)
    return True


HALVED = ("reset in body", "truncated body")


def _some(client: socket.socket, size: int = 65536) -> bytes:
    data = client.recv(size)
    if not data:
        raise ConnectionError("the client left")
    return data


def _closing(request: bytes) -> bytes:
    head, mark, body = request.partition(b"\r\n\r\n")
    return head + b"\r\nConnection: close" + mark + body


def _reset(end: socket.socket) -> None:
    """End with RST instead of FIN, as a lost signal does."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()
