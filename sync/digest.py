"""What "the same submission" means: the same bytes, by SHA-256. Nothing is normalised before comparing."""

from __future__ import annotations

import hashlib


def of_bytes(content: bytes) -> str:
    """The SHA-256 of the bytes as they came, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def form_hash(content: bytes) -> str:
    """The hash OpenRosa lists for a form or a media file: ``md5:`` and the MD5 of the very bytes served."""
    return "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()
