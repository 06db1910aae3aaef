"""The reader of a delivery gives back what it took: no temporary file stays open after a refusal, or after success."""

from __future__ import annotations

import gzip
import tempfile
from typing import IO, Any

import pytest
from flask.testing import FlaskClient
from kept import publish_small
from office import Office
from small_form import VERSION, interview, post

from server.api import delivery

MARK = "----mangnon-test"
LARGE = b"p" * (delivery.SPOOL + 100_000)


@pytest.fixture(autouse=True)
def small(office: Office) -> None:
    publish_small(office)


@pytest.fixture
def spools(monkeypatch: pytest.MonkeyPatch) -> list[IO[bytes]]:
    """Every spool that was opened; held here, so that only ``close`` can close it."""
    opened: list[IO[bytes]] = []
    real = tempfile.SpooledTemporaryFile

    def recorded(**options: Any) -> IO[bytes]:
        opened.append(real(**options))
        return opened[-1]

    monkeypatch.setattr(delivery.tempfile, "SpooledTemporaryFile", recorded)
    return opened


def part(content: bytes, disposition: str) -> bytes:
    return f"--{MARK}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + content + b"\r\n"


PHOTO = part(LARGE, 'name="p.jpg"; filename="p.jpg"')
XML = part(interview(photo="p.jpg"), 'name="xml_submission_file"; filename="s.xml"')
END = f"--{MARK}--\r\n".encode()


def send(client: FlaskClient, path: str, body: bytes, encoding: str = "") -> tuple[int, bytes]:
    more = {"Content-Encoding": encoding} if encoding else {}
    answer = client.post(
        f"{path}/submission",
        data=body,
        headers=VERSION | more,
        content_type=f"multipart/form-data; boundary={MARK}",
    )
    return answer.status_code, answer.data


REFUSED = {
    "cut in the file": (PHOTO[:-200_000], "", b"S101"),
    "no interview": (PHOTO + END, "", b"S103"),
    "two interviews": (PHOTO + XML + XML + END, "", b"S120"),
    "interview cut": (PHOTO + XML[:-90] + END, "", b"S101"),
    "a form nobody knows": (PHOTO + XML.replace(b'id="small"', b'id="other"') + END, "", b"S105"),
    "packed and cut": (gzip.compress(PHOTO + XML + END, 0)[:-300_000], "gzip", b"S101"),
    "packed and damaged": (gzip.compress(PHOTO + XML + END, 0)[:1_300_000] + b"x" * 9, "gzip", b"S101"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_closes_what_was_spooled(
    client: FlaskClient, key_path: str, spools: list[IO[bytes]], name: str
) -> None:
    body, encoding, code = REFUSED[name]
    status, said = send(client, key_path, body, encoding)
    assert 400 <= status < 500
    assert b"[" + code + b"]" in said
    assert len(spools) == 1, "the refusal came before there was anything to close"
    assert spools[0].closed


def test_success_closes_it_too(client: FlaskClient, key_path: str, spools: list[IO[bytes]]) -> None:
    assert post(client, key_path, interview(photo="p.jpg"), {"p.jpg": LARGE}).status_code == 201
    assert [spool.closed for spool in spools] == [True]


def test_a_failure_that_nobody_foresaw_closes_it_too(
    office: Office,
    client: FlaskClient,
    key_path: str,
    spools: list[IO[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_source: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(office.app.extensions["mangnon.blobs"], "put", fail)
    assert send(client, key_path, PHOTO + XML + END)[0] == 503
    assert [spool.closed for spool in spools] == [True]
