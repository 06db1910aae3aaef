"""Every kept submission as files: byte for byte, by instance id, whatever the id and the file are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from kept import JPEG, publish_small, receive_every_kind
from office import Office
from small_form import instance, interview, post

from forms.problems import Problem
from server.flows.raw_copies import Written, folder_name, safe_name, write_raw
from server.store.base import db


def write(office: Office, out: Path) -> Written:
    with office.app.app_context():
        return write_raw(db.session(), office.app.extensions["mangnon.blobs"], out)


def test_every_kept_byte_is_written(
    office: Office, client: FlaskClient, key_path: str, tmp_path: Path
) -> None:
    sent, out = receive_every_kind(office, client, key_path), tmp_path / "out"
    done = write(office, out)
    assert (done.submissions, done.versions, done.attachments, done.set_aside) == (2, 2, 3, 1)
    first, second, third = (instance(number).removeprefix("uuid:") for number in (1, 2, 3))
    content = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (why,) = [path for path in content if path.endswith("why.json")]
    assert b'"submission' in content.pop(why)
    assert content == {
        f"{first}/versions/1/version.xml": sent["first"],
        f"{first}/versions/1/ảnh.jpg": JPEG,
        f"{second}/submission.xml": sent["correction"],
        f"{second}/ảnh.jpg": JPEG,
        f"{second}/versions/1/version.xml": sent["first"],
        f"{second}/versions/1/ảnh.jpg": JPEG,
        f"{third}/submission.xml": sent["plain"],
        f"{third}/versions/1/version.xml": sent["other"],
        why.replace("why.json", "content"): sent["broken"],
    }


def test_ids_and_names_cannot_leave_the_folder(
    office: Office, client: FlaskClient, key_path: str, tmp_path: Path
) -> None:
    publish_small(office)
    odd = ["uuid:../../x", "..", "a/b", "uuid:a b", "é" * 255, "uuid:same", "same"]
    for instance_id in odd:
        post(
            client,
            key_path,
            interview(instance_id=instance_id),
            {"../../ngoài.jpg": JPEG, "submission.xml": b"x"},
        )
    out = tmp_path / "deep" / "out"
    assert write(office, out).submissions == len(odd)
    assert len(list(out.glob("*/submission.xml"))) == len(odd)
    assert len([path for path in tmp_path.rglob("*ngoài.jpg") if path.parent.parent == out]) == len(odd)
    assert {path.name for path in out.parent.iterdir()} == {"out"}


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("ảnh 1.jpg", "ảnh 1.jpg"),
        ("../a.jpg", "_a.jpg"),
        ("..", "_"),
        ("a\x00\n:b?.png", "a___b_.png"),
        ("", "_"),
        ("x" * 300 + ".jpeg", "x" * 195 + ".jpeg"),
    ],
)
def test_safe_names(filename: str, safe: str) -> None:
    assert safe_name(filename) == safe


def test_folder_names() -> None:
    assert folder_name("uuid:ab-1") == "ab-1"
    assert folder_name("..") == "%2E%2E"
    assert folder_name("uuid:") == "%"
    assert folder_name("a/b c") == "a%2Fb%20c"


def test_a_lost_attachment_is_named_and_stops_nothing(
    office: Office, client: FlaskClient, key_path: str, tmp_path: Path
) -> None:
    receive_every_kind(office, client, key_path)
    blobs = office.app.extensions["mangnon.blobs"]
    for name in blobs.names():
        blobs.path(name).unlink()
    done = write(office, tmp_path / "out")
    assert (done.submissions, done.attachments, len(done.missing)) == (2, 0, 3)


def test_a_folder_with_something_in_it_is_left_alone(office: Office, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(Problem) as told:
        write(office, tmp_path)
    assert told.value.kind.name == "out_not_empty"
    with pytest.raises(Problem) as told:
        write(office, tmp_path / "mine.txt" / "below")
    assert told.value.kind.name == "out_unwritable"
