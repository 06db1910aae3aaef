"""Deliveries that do not say their length, on a bare socket: kept byte for byte, stopped at the limit as they come."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from conftest import MakeOffice
from deliveries import Ledger, delivery, multipart, post
from keeping import check
from kill import address
from network import count_rows
from offices import ProofServer
from raw_http import END, Line, chunk, chunked, head, in_pieces
from small_form import interview

SEED = 61
MB = 1024 * 1024


@pytest.fixture
def office(make_office: MakeOffice) -> Iterator[ProofServer]:
    """An office that takes one megabyte a request."""
    limits = {"MANGNON_MAX_XML_MB": "1", "MANGNON_MAX_FILE_MB": "1", "MANGNON_MAX_REQUEST_MB": "1"}
    made = make_office(limits)
    made.start()
    yield made
    made.end()


def open_files(office: ProofServer) -> int:
    """Temporary files that the server's processes hold; they have no name any more."""
    found = 0
    for worker in office.workers():
        for entry in os.scandir(f"/proc/{worker}/fd"):
            with suppress(OSError):
                found += os.readlink(entry.path).endswith(" (deleted)")
    return found


def serves(office: ProofServer, number: int) -> bool:
    sent = delivery(SEED, number, largest=2_000)
    answer = post(office.door, sent, sent.files)
    return answer is not None and answer.receipt


@pytest.mark.parametrize("size", [1, 7, 1_000, 100_000])
def test_chunks_are_kept_byte_for_byte(office: ProofServer, size: int) -> None:
    sent, ledger = delivery(SEED, size, largest=3_000), Ledger()
    body = multipart(sent.xml, sent.files)
    with Line(office.port) as line:
        for expected in (201, 202):  # the second time on the same connection
            line.send(head(office.key) + chunked(in_pieces(body, size)))
            status, said = line.answer()
            assert status == expected, said
    ledger.acknowledge(sent, sent.files)
    found = check(address(office), office.data / "attachments", ledger)
    assert found.clean, found.told()
    assert count_rows(address(office)) == 1


@pytest.mark.parametrize("what", ["file", "xml"])
def test_over_the_limit_is_refused_with_its_reason_and_the_connection_goes_on(
    office: ProofServer, what: str
) -> None:
    large = os.urandom(MB + 1000)
    xml = interview(photo="p.jpg") if what == "file" else interview(answer="x" * (MB + 1000))
    body = multipart(xml, {"p.jpg": large} if what == "file" else {})
    with Line(office.port) as line:
        line.send(head(office.key) + chunked(in_pieces(body, 60_000)))
        status, said = line.answer()
        assert (status, b"[S106]" in said) == (413, True), said
        line.send(head(office.key) + chunked([multipart(interview(2), {})]))
        assert line.answer()[0] == 201, "what follows on the connection is read from its beginning"
    assert count_rows(address(office)) == 1
    assert open_files(office) == 0


def test_a_body_that_never_ends_is_stopped(office: ProofServer) -> None:
    """The answer comes while the client still sends; it need not finish first."""
    piece = chunk(os.urandom(64 * 1024))
    start = multipart(interview(photo="p.jpg"), {"p.jpg": b""})[:-60]
    with Line(office.port) as line:
        line.send(head(office.key) + chunk(start))
        sent = 0
        while sent < 64 * MB and line.send(piece):
            sent += 64 * 1024
        assert sent < 64 * MB, "the server read on and on"
        with suppress(ConnectionError):  # an end by reset may overtake the answer
            assert line.answer()[0] == 413
    assert serves(office, 1)
    assert open_files(office) == 0


def test_a_client_that_vanishes_in_the_middle_leaves_nothing(office: ProofServer) -> None:
    body = multipart(interview(photo="p.jpg"), {"p.jpg": os.urandom(MB - 10_000)})
    for _ in range(5):
        with Line(office.port) as line:
            line.send(head(office.key) + b"".join(chunk(piece) for piece in in_pieces(body[:-5_000], 60_000)))
            time.sleep(0.1)
    deadline = time.monotonic() + 20
    while open_files(office):
        assert time.monotonic() < deadline, "its temporary files stay open"
        time.sleep(0.1)
    assert count_rows(address(office)) == 0
    assert serves(office, 1)


@pytest.mark.parametrize(
    "body",
    [b"zz\r\nabc\r\n" + END, b"-1\r\nabc\r\n" + END, b"5\r\nabc", b"ffffffffffffffffff\r\n", b"\r\n" * 50],
    ids=["no number", "negative", "cut", "huge", "nothing"],
)
def test_broken_chunks_keep_nothing_and_harm_nobody(office: ProofServer, body: bytes) -> None:
    with Line(office.port, patience=2) as line, suppress(ConnectionError, TimeoutError):
        line.send(head(office.key) + chunk(multipart(interview(), {})[:200]) + body)
        status, said = line.answer()
        assert 400 <= status < 500, said
    assert count_rows(address(office)) == 0
    assert serves(office, 1)
