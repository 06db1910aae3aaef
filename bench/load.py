"""A client that costs little: many kept-alive connections in one thread, requests made before the clock starts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

MARK = "----mangnon-bench"


@dataclass
class Run:
    """What a run of requests gave: the answers by status, how long each took, and the whole."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def milliseconds(self, share: float) -> float:
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def submission(path: str, xml: bytes, photo: tuple[str, bytes] | None = None) -> bytes:
    """One POST as ODK Collect sends it."""
    head = 'Content-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: {kind}\r\n\r\n'
    body = (
        f"--{MARK}\r\n{head.format(name='xml_submission_file', file='s.xml', kind='text/xml')}".encode() + xml
    )
    if photo:
        told = head.format(name=photo[0], file=photo[0], kind="image/jpeg")
        body += f"\r\n--{MARK}\r\n{told}".encode() + photo[1]
    body += f"\r\n--{MARK}--\r\n".encode()
    return (
        f"POST {path}/submission HTTP/1.1\r\nHost: 127.0.0.1\r\nX-OpenRosa-Version: 1.0\r\n"
        f"Content-Type: multipart/form-data; boundary={MARK}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str, etag: str = "", authorization: str = "") -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "X-OpenRosa-Version: 1.0"]
    lines += [f"If-None-Match: {etag}"] if etag else []
    lines += [f"Authorization: {authorization}"] if authorization else []
    return "\r\n".join([*lines, "", ""]).encode()


def send(port: int, requests: Sequence[bytes], connections: int = 32) -> Run:
    """All requests over so many connections, each waiting for its answer before the next."""
    return asyncio.run(_send(port, requests, connections))


async def _send(port: int, requests: Sequence[bytes], connections: int) -> Run:
    run, left = Run(), iter(requests)
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    begun = time.perf_counter()
    await asyncio.gather(*(_one(reader, writer, left, run) for reader, writer in lines))
    run.seconds = time.perf_counter() - begun
    for _, writer in lines:
        writer.close()
    return run


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: object, run: Run) -> None:
    for request in left:  # type: ignore[attr-defined]
        begun = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        if status != 304:
            at = head.lower().find(b"content-length:")
            await reader.readexactly(int(head[at + 15 :].split(b"\r\n", 1)[0]))
        run.times.append(time.perf_counter() - begun)
        run.statuses[status] = run.statuses.get(status, 0) + 1
