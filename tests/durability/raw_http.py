"""HTTP by hand on a bare socket: chunked bodies, bodies that never end, clients that vanish in the middle."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from types import TracebackType

from deliveries import MARK, multipart


class Line:
    """One connection to a server on this machine; ``answer`` reads one whole answer."""

    def __init__(self, port: int, *, patience: float = 20) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=patience)
        self._left = b""

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._socket.close()

    def send(self, data: bytes) -> bool:
        """Whether the other end still took it."""
        try:
            self._socket.sendall(data)
        except OSError:
            return False
        return True

    def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer. Raises ConnectionError when the line ended before it was whole."""
        head = self._until(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(self._left) < length:
            self._more()
        body, self._left = self._left[:length], self._left[length:]
        return int(head.split()[1]), body

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._left:
            self._more()
        head, _, self._left = self._left.partition(mark)
        return head

    def _more(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the line ended")
        self._left += data


def chunk(data: bytes) -> bytes:
    return b"%x\r\n" % len(data) + data + b"\r\n"


END = b"0\r\n\r\n"


def chunked(pieces: Iterable[bytes]) -> bytes:
    """A whole body in chunks."""
    return b"".join(chunk(piece) for piece in pieces if piece) + END


def head(path: str) -> bytes:
    """The head of a delivery that does not say how long it is."""
    lines = [
        f"POST {path}/submission HTTP/1.1",
        "Host: 127.0.0.1",
        "X-OpenRosa-Version: 1.0",
        f"Content-Type: multipart/form-data; boundary={MARK}",
        "Transfer-Encoding: chunked",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def in_pieces(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


__all__ = ["END", "Line", "chunk", "chunked", "head", "in_pieces", "multipart"]
