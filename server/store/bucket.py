"""Attachments in an S3 bucket, by content: ``<prefix>/ab/abcd…``. A bucket answers a write when it is durable.

A bucket that cannot be reached raises ``BucketAway`` after some seconds; nothing is acknowledged meanwhile, and the
next request tries anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO, cast

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from server.settings import Bucket
from server.store.blobs import CHUNK, Blob, BucketAway, check_name

CONNECT, TRANSFER, TRY_FOR = timedelta(seconds=5), timedelta(seconds=120), timedelta(seconds=10)


class BlobBucket:
    """Blobs in one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._prefix = bucket.prefix
        self._store = S3Store(
            bucket.name,
            endpoint=bucket.endpoint or None,
            region=bucket.region,
            access_key_id=bucket.key_id,
            secret_access_key=bucket.secret,
            virtual_hosted_style_request=not bucket.endpoint,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": CONNECT,
                "timeout": TRANSFER,
            },
            retry_config={"max_retries": 3, "retry_timeout": TRY_FOR},
        )

    def prepare(self) -> None:
        """Nothing: the office makes its bucket. A bucket that is away must not keep the server from starting."""

    def tidy(self) -> None:
        """Nothing: an object is there whole, or not at all."""

    def put(self, source: BinaryIO) -> Blob:
        """Keep a stream's bytes; known bytes are not sent again."""
        blob = _measure(source)
        if self.size(blob.sha256) != blob.size:
            source.seek(0)
            with _reached():
                obstore.put(self._store, self._path(blob.sha256), source)
        return blob

    def open(self, sha256: str) -> BinaryIO:
        with _reached():
            return cast(BinaryIO, _Reading(obstore.open_reader(self._store, self._path(sha256))))

    def size(self, sha256: str) -> int | None:
        try:
            with _reached():
                return int(obstore.head(self._store, self._path(sha256))["size"])
        except FileNotFoundError:
            return None

    def names(self) -> Iterator[str]:
        """Every kept blob, in order."""
        with _reached():
            for page in obstore.list(self._store, self._prefix or None):
                for entry in page:
                    yield entry["path"].rpartition("/")[2]

    def _path(self, sha256: str) -> str:
        parts = [self._prefix, check_name(sha256)[:2], sha256]
        return "/".join(part for part in parts if part)


class _Reading:
    """An object of the bucket as the stream that the rest of the house reads."""

    def __init__(self, reader: obstore.ReadableFile) -> None:
        self._reader = reader

    def read(self, size: int = -1) -> bytes:
        with _reached():
            return bytes(self._reader.read(None if size < 0 else size))

    def close(self) -> None:
        self._reader.close()

    def __enter__(self) -> _Reading:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _measure(source: BinaryIO) -> Blob:
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return Blob(digest.hexdigest(), size)


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotFoundError):
        raise FileNotFoundError("no such blob") from None
    except BaseError as error:
        raise BucketAway(type(error).__name__) from None
