"""What a crash or a bad disk may leave beside the attachments, and how it is mended."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest

from server.store.blobs import BlobFolder, keep_once


@pytest.fixture
def blobs(tmp_path: Path) -> BlobFolder:
    folder = BlobFolder(tmp_path / "attachments")
    folder.prepare()
    return folder


def test_a_damaged_copy_is_replaced_by_the_same_file_sent_again(blobs: BlobFolder) -> None:
    blob = blobs.put(BytesIO(b"photo" * 1000))
    blobs.path(blob.sha256).write_bytes(b"\0" * 5000)  # the same size, other bytes
    assert blobs.put(BytesIO(b"photo" * 1000)) == blob
    with blobs.open(blob.sha256) as file:
        assert file.read() == b"photo" * 1000


def test_half_uploads_of_a_killed_server_are_removed_at_the_start(blobs: BlobFolder) -> None:
    kept = blobs.put(BytesIO(b"photo"))
    half = blobs.root / "incoming" / "0123456789abcdef0123456789abcdef"
    half.write_bytes(b"half")
    blobs.tidy()
    assert not half.exists()
    assert list(blobs.names()) == [kept.sha256]


def test_a_refused_upload_leaves_nothing(blobs: BlobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        blobs.put(BytesIO(b"photo"))
    assert list((blobs.root / "incoming").iterdir()) == []
    assert list(blobs.names()) == []


def test_the_cookie_key_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.touch()  # what a power cut left of an earlier attempt
    keep_once(path, b"k" * 32)
    assert path.read_bytes() == b"k" * 32
    keep_once(path, b"other" * 8)
    assert path.read_bytes() == b"k" * 32, "the first key stays"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.key"]
