"""The kept corpus: the files beside this one, and the large ones that are made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


def corpus() -> Iterator[tuple[str, bytes]]:
    """Every text by name."""
    for path in sorted(FOLDER.glob("*.xml")):
        yield path.name, path.read_bytes()
    yield "200,000 attributes", _whole(b"", b" ".join(b'a%d="1"' % number for number in range(200_000)))
    yield "depth 200,000", _whole(b"<a>" * 200_000 + b"</a>" * 200_000)
    yield "200,000 elements", _whole(b"<a/>" * 200_000)
    yield "200,000 namespaces", _whole(b"".join(b'<a xmlns:n%d="n"/>' % n for n in range(50_000)))
    yield "bomb of entities", _bomb()
    yield "quadratic bomb", b'<!DOCTYPE d [<!ENTITY a "' + b"a" * 50_000 + b'">]>' + _whole(b"&a;" * 50_000)
    yield "one text of 4 MB", _whole(b"<q>" + b"a" * 4_000_000 + b"</q>")
    yield "4 MB of file names", _whole(b"<q>anh.jpg</q>" * 280_000)
    yield "4 MB of almost file names", _whole(b"<q>" + b"a." * 2_000_000 + b"</q>")
    yield "4 MB of blanks", _whole(b"<q>" + b" " * 4_000_000 + b"x</q>")
    yield "4 MB of openings", b"<" * 4_000_000
    yield "4 MB of one comment", _whole(b"<!--" + b"-a" * 2_000_000 + b"-->")


def _whole(inside: bytes, attributes: bytes = b"") -> bytes:
    head = b'<data id="small" version="1" ' + attributes + b">"
    return head + inside + b"<meta><instanceID>uuid:corpus</instanceID></meta></data>"


def _bomb() -> bytes:
    entities = b"".join(
        b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10 if level else b"bomb")
        for level in range(10)
    )
    return b"<!DOCTYPE data [" + entities + b"]>" + _whole(b"<q>&a9;</q>")
