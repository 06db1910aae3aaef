"""One delivery as it comes over the wire: multipart, perhaps gzip, read piece by piece, every limit kept meanwhile.

The limit of a part follows from its name, never from the type it claims. Memory stays bounded whatever is sent: the
XML by its own limit, all other files together by one spool that goes to disk. What was read of the XML before a
refusal stays in ``xml``, so that it can be put aside for an officer.
"""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from typing import IO, Protocol

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from forms.problems import Problem
from sync.text import nfc, speakable

XML_PART = "xml_submission_file"
MB = 1024 * 1024
CHUNK = 64 * 1024
SPOOL = 1 * MB
HEADERS = 32 * 1024
PARTS = 1_000
NAME = 255


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Limits:
    """In bytes: the interview's XML, any other file, all that one request brings (after unpacking)."""

    xml: int
    file: int
    request: int


@dataclass(frozen=True)
class Part:
    """A file of the delivery; its bytes lie in the shared spool."""

    filename: str
    content_type: str
    start: int
    size: int
    spool: IO[bytes]

    def open(self) -> Slice:
        return Slice(self)


class Slice:
    """Reads one part out of the spool."""

    def __init__(self, part: Part) -> None:
        self._spool, self._start, self._at, self._end = (
            part.spool,
            part.start,
            part.start,
            part.start + part.size,
        )

    def tell(self) -> int:
        return self._at - self._start

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: self._start, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = min(max(base + offset, self._start), self._end)
        return self.tell()

    def read(self, size: int = -1, /) -> bytes:
        left = self._end - self._at
        self._spool.seek(self._at)
        data = self._spool.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data


class Delivery:
    """``xml`` and ``files`` after ``read``; ``close`` gives the spool back."""

    def __init__(self, limits: Limits) -> None:
        self.files: list[Part] = []
        self.has_xml = False
        self._xml = bytearray()
        self._limits = limits
        self._spool: IO[bytes] | None = None
        self._spooled = 0
        self._open: Field | File | None = None
        self._started = 0

    @property
    def xml(self) -> bytes:
        return bytes(self._xml)

    def read(self, stream: Readable, content_type: str, encoding: str = "") -> None:
        """Take everything in. Raises a Problem for what cannot be a delivery or passes a limit."""
        kind, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if kind != "multipart/form-data" or not boundary:
            raise Problem("submission_part_missing")
        if not (boundary.isascii() and len(boundary) <= 200):
            raise Problem("request_malformed", fault="boundary")
        decoder = MultipartDecoder(boundary.encode(), max_parts=PARTS)
        try:
            for event in self._events(decoder, _unpacked(stream, encoding)):
                self._take(event)
        except RequestEntityTooLarge:
            raise Problem("too_many_parts", most=PARTS) from None
        except ValueError:
            raise Problem("request_malformed", fault="multipart") from None
        if not self.has_xml:
            raise Problem("submission_part_missing")

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()

    def _events(self, decoder: MultipartDecoder, pieces: Iterator[bytes]) -> Iterator[Event]:
        total = 0
        for piece in pieces:
            total += len(piece)
            if total > self._limits.request:
                raise too_large(self._limits.request)
            decoder.receive_data(piece)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
            if len(decoder.buffer) > HEADERS + CHUNK:
                # Text before the first part, or a part's headers, that never end.
                raise Problem("request_malformed", fault="multipart")
            if decoder.state.name == "EPILOGUE":
                del decoder.buffer[:]
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue):
            yield event

    def _take(self, event: Event) -> None:
        if isinstance(event, File | Field):
            self._begin(event)
        elif isinstance(event, Data):
            self._add(event.data)
            if not event.more_data:
                self._end()

    def _begin(self, part: File | Field) -> None:
        self._open = part
        if part.name == XML_PART and isinstance(part, File):
            if self.has_xml:
                raise Problem("two_interviews")
            self.has_xml = True
        self._started = self._spooled

    def _add(self, data: bytes) -> None:
        if isinstance(self._open, File) and self._open.name == XML_PART:
            room = self._limits.xml - len(self._xml)
            self._xml += data[:room]
            if len(data) > room:
                raise too_large(self._limits.xml)
        elif isinstance(self._open, File) and data:
            if self._spooled + len(data) - self._started > self._limits.file:
                raise too_large(self._limits.file)
            if self._spool is None:
                self._spool = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 - see close
            self._spool.write(data)
            self._spooled += len(data)

    def _end(self) -> None:
        part, self._open = self._open, None
        if not isinstance(part, File) or part.name == XML_PART:
            return
        if self._spool is None:
            self._spool = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 - see close
        kind = parse_options_header(part.headers.get("Content-Type", ""))[0][:100]
        size = self._spooled - self._started
        name = plain_name(part.filename) or plain_name(part.name or "")
        if not name and not size:
            return  # a form's empty file field
        self.files.append(
            Part(name or "file", kind or "application/octet-stream", self._started, size, self._spool)
        )


def too_large(limit: int) -> Problem:
    return Problem("too_large", limit_mb=limit // MB)


def drain(stream: Readable, most: int) -> None:
    """Read what is left to read after a refusal, so that the client hears the answer and not a broken line."""
    while most > 0 and (data := stream.read(CHUNK)):
        most -= len(data)


def plain_name(raw: str) -> str:
    """A file name as it is kept: no folders, no control characters, RFC 2047 words read, NFC, at most 255 letters."""
    if raw.startswith("=?") and raw.endswith("?="):
        try:
            parts = decode_header(raw)
            raw = "".join(
                text.decode(charset or "ascii") if isinstance(text, bytes) else text
                for text, charset in parts
            )
        except (HeaderParseError, LookupError, UnicodeDecodeError, ValueError):
            pass
    bare = speakable(raw).replace("\\", "/").rsplit("/", 1)[-1].strip()
    name = nfc(bare)
    if name in (".", ".."):
        return ""
    return name if len(name) <= NAME else name[: NAME - 20] + name[-20:]


def _unpacked(stream: Readable, encoding: str) -> Iterator[bytes]:
    match encoding.strip().lower():
        case "" | "identity":
            while piece := stream.read(CHUNK):
                yield piece
        case "gzip" | "x-gzip":
            yield from _gunzip(stream)
        case _:
            raise Problem("content_encoding_unknown")


def _gunzip(stream: Readable) -> Iterator[bytes]:
    """Unpack in bounded pieces: a few bytes may stand for very many, and the reader stops at its limit."""
    unpacker = zlib.decompressobj(wbits=31)
    packed = b""
    try:
        while packed := packed or stream.read(CHUNK):
            piece = unpacker.decompress(packed, CHUNK)
            packed = unpacker.unconsumed_tail
            if piece:
                yield piece
            if unpacker.eof:
                packed = unpacker.unused_data
                unpacker = zlib.decompressobj(wbits=31)
                if not packed.strip(b"\0"):
                    packed = b""
    except zlib.error:
        raise Problem("request_malformed", fault="gzip") from None
