"""What phones send in the proofs, and a client that sends it as ODK Collect does: until there is a real receipt.

Every delivery is a function of (seed, number): the same seed sends the same bytes. A ledger remembers what was
acknowledged, as hashes; the checks compare it with what the server keeps.
"""

from __future__ import annotations

import hashlib
import http.client
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

from small_form import VERSION, interview

MARK = "----mangnon-proof"
WHOLE, LATER = "whole", "file later"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Delivery:
    """One interview with its files; ``first`` names the files of the first request, the rest follow in a second."""

    instance_id: str
    xml: bytes
    files: Mapping[str, bytes]
    first: frozenset[str]

    def requests(self) -> list[dict[str, bytes]]:
        """The files of each request that carries this interview."""
        now = {name: content for name, content in self.files.items() if name in self.first}
        later = {name: content for name, content in self.files.items() if name not in self.first}
        return [now, later] if later else [now]


def delivery(seed: int, number: int, *, largest: int = 150_000) -> Delivery:
    """Interview ``number`` of this seed: 0.5 to 8 kB of XML, up to two files, some of them shared or sent later."""
    random = Random(f"{seed}/{number}")
    instance_id = f"uuid:00000000-{seed % 10000:04d}-4000-8000-{number:012d}"
    text = "Phiếu thử " + "".join(random.choices("abcdeghiklmnôơưăâđ ", k=random.randint(300, 5000)))
    files: dict[str, bytes] = {}
    for position in range(random.choice((0, 1, 1, 2))):
        shared = random.random() < 0.2
        size = 5_000 if shared else random.randint(500, largest)
        source = Random(f"{seed}/shared/{number // 4}") if shared else random
        files[f"anh-{number}-{position}.jpg"] = source.randbytes(size)
    names = sorted(files)
    xml = interview(answer=text, photo=names[0] if names else "", instance_id=instance_id)
    first = frozenset(names if random.random() < 0.8 else names[1:])
    return Delivery(instance_id, xml, files, first)


def multipart(xml: bytes, files: Mapping[str, bytes]) -> bytes:
    parts = [("xml_submission_file", "submission.xml", "text/xml", xml)]
    parts += [(name, name, "image/jpeg", content) for name, content in files.items()]
    body = b""
    for name, filename, kind, content in parts:
        head = (
            f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        )
        body += head.encode() + content + b"\r\n"
    return body + f"--{MARK}--\r\n".encode()


@dataclass
class Ledger:
    """What was acknowledged: per instance id the hash of the XML and of each file that a receipt covered."""

    xml: dict[str, str] = field(default_factory=dict)
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, sent: Delivery, files: Mapping[str, bytes]) -> None:
        with self.lock:
            self.xml[sent.instance_id] = sha256(sent.xml)
            held = self.files.setdefault(sent.instance_id, {})
            held.update({name: sha256(content) for name, content in files.items()})

    def copy(self) -> Ledger:
        with self.lock:
            return Ledger(dict(self.xml), {key: dict(files) for key, files in self.files.items()})

    def __len__(self) -> int:
        return len(self.xml)


@dataclass(frozen=True)
class Answer:
    status: int
    open_rosa: bool
    body: bytes
    port: int = 0

    @property
    def receipt(self) -> bool:
        """Only a real OpenRosa 201 or 202 lets a client delete what it sent."""
        return self.status in (201, 202) and self.open_rosa


def ask(
    url: str,
    method: str,
    body: bytes | None = None,
    *,
    timeout: float = 20,
    headers: Mapping[str, str] | None = None,
) -> Answer | None:
    """One request on a connection of its own; None when no complete answer came."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)
    try:
        connection.connect()
        port = connection.sock.getsockname()[1]
        sent = dict(VERSION) | dict(headers or {})
        if body is not None:
            sent["Content-Type"] = f"multipart/form-data; boundary={MARK}"
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, sent)
        got = connection.getresponse()
        return Answer(got.status, got.headers.get("X-OpenRosa-Version") is not None, got.read(), port)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def post(url: str, sent: Delivery, files: Mapping[str, bytes], *, timeout: float = 20) -> Answer | None:
    return ask(f"{url}/submission", "POST", multipart(sent.xml, files), timeout=timeout)
