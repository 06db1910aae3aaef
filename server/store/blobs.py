"""Attachments by content, in a folder or a bucket (``bucket.py``): durable before anyone says "received".

The folder holds one file per SHA-256, synced to disk together with its own folder. It is our own small adapter,
since the libraries at hand write and link without fsync.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

CHUNK = 256 * 1024


@dataclass(frozen=True)
class Blob:
    sha256: str
    size: int


class BucketAway(OSError):
    """The bucket did not answer, or refused."""


class Blobs(Protocol):
    """Where attachments are kept. What cannot be reached raises an OSError; what is not there FileNotFoundError."""

    def prepare(self) -> None:
        """Make ready; harmless when it is."""

    def tidy(self) -> None:
        """Take away what a crash left half-done; called while nothing else writes."""

    def put(self, source: BinaryIO) -> Blob:
        """Keep a stream's bytes durably; the same bytes are kept once."""

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as a stream, which the caller closes."""

    def size(self, sha256: str) -> int | None:
        """How many bytes are there; None when nothing is."""

    def names(self) -> Iterator[str]:
        """Every kept blob, in order."""


class BlobFolder:
    """Blobs under one folder, by the first two letters of the hash: ``ab/abcd…``.

    The 256 folders are made and synced once, so that later only the file and its own folder need syncing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"

    def prepare(self) -> None:
        """Make the folders, durably; harmless when they exist."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        for number in range(256):
            (self.root / f"{number:02x}").mkdir(exist_ok=True)
        for folder in (self.root, self.root.parent, self.root.parent.absolute().parent):
            _sync_folder(folder)

    def tidy(self) -> None:
        """Remove what uploads left half-written when the server was killed; for the start, before anyone sends."""
        for path in self._incoming.iterdir():
            path.unlink(missing_ok=True)

    def put(self, source: BinaryIO) -> Blob:
        """Keep a stream's bytes durably; the same bytes are kept once. Raises OSError when the disk refuses."""
        passing = self._incoming / uuid4().hex
        try:
            blob = _copy(source, passing)
            self._place(passing, blob)
        finally:
            passing.unlink(missing_ok=True)
        return blob

    def open(self, sha256: str) -> BinaryIO:
        return self.path(sha256).open("rb")

    def path(self, sha256: str) -> Path:
        return self.root / check_name(sha256)[:2] / sha256

    def size(self, sha256: str) -> int | None:
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def names(self) -> Iterator[str]:
        """Every kept blob, in order."""
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/*")):
            yield path.name

    def _place(self, passing: Path, blob: Blob) -> None:
        """The synced copy always takes the place: one that stood there may have been damaged since, or never synced."""
        target = self.path(blob.sha256)
        os.replace(passing, target)
        _sync_folder(target.parent)


def keep_once(path: Path, content: bytes) -> None:
    """Write a small private file whole and synced, or not at all; an earlier one that holds anything stays."""
    passing = path.with_name(f"{path.name}.{uuid4().hex}")
    try:
        with open(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            _sync_file(out.fileno())
        if path.exists() and not path.stat().st_size:
            path.unlink()
        with suppress(FileExistsError):
            os.link(passing, path)
        _sync_folder(path.parent)
    finally:
        passing.unlink(missing_ok=True)


def check_name(sha256: str) -> str:
    """The name of a blob; refuses what is none, so that no name leads elsewhere."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256")
    return sha256


def _copy(source: BinaryIO, target: Path) -> Blob:
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as out:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        _sync_file(out.fileno())
    return Blob(digest.hexdigest(), size)


def _sync_file(handle: int) -> None:
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
