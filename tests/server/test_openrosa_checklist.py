"""What ``README.md`` beside this file lists and no other test covers: the odd corners of an OpenRosa server."""

from __future__ import annotations

import base64
import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from browser import administrator
from flask.testing import FlaskClient
from kept import JPEG, publish_small, rows
from office import Office
from small_form import VERSION, instance, interview, post, small_form
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from server.flows.publish_form import publish_form
from server.store.base import begin_writing, db
from server.store.submissions import ATTACHMENTS, DERIVATIONS, SET_ASIDE, SUBMISSIONS

OTHER = small_form().replace(b"| small   |", b"| second  |").replace(b"| Small ", b"| Second")


@pytest.fixture(autouse=True)
def small(office: Office) -> None:
    publish_small(office)


def publish(office: Office, source: bytes) -> None:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        publish_form(session, source, "f.md", {}, now=office.clock(), by=None)
        session.commit()


def send(
    client: FlaskClient, path: str, parts: dict[str, tuple[bytes, str, str]], agent: str = "thu"
) -> TestResponse:
    """POST parts of any kind: (bytes, file name, content type) by name."""
    files = {
        name: FileStorage(BytesIO(body), filename, content_type=kind)
        for name, (body, filename, kind) in parts.items()
    }
    mark, encoded = encode_multipart(files)
    return client.post(
        path,
        data=encoded,
        headers=VERSION | {"User-Agent": agent},
        content_type=f"multipart/form-data; boundary={mark}",
    )


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/key/wrong/submission", VERSION, 401),
        ("/openrosa/submission", VERSION, 401),
        ("/openrosa/submission", VERSION | {"Authorization": "Bearer wrong"}, 401),
        ("/openrosa/submission", VERSION | {"Authorization": "Basic !!!"}, 401),
        ("{key}/submission", {}, 204),
    ],
)
def test_head_and_its_credentials(
    client: FlaskClient, key_path: str, path: str, headers: dict[str, str], status: int
) -> None:
    """A wrong key is told before anything is uploaded; a client that forgets its version is told when it sends."""
    answer = client.head(path.format(key=key_path), headers=headers)
    assert answer.status_code == status
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert answer.data == b""
    assert "Location" not in answer.headers


def test_the_key_wins_over_a_wrong_password(client: FlaskClient, key_path: str) -> None:
    wrong = {"Authorization": "Basic " + base64.b64encode(b"ai:sai").decode()}
    assert post(client, key_path, interview(), headers=VERSION | wrong).status_code == 201


@pytest.mark.parametrize(
    ("device", "agent", "kept"),
    [
        ("thu:1", "org.odk.collect.android/v2026.1 Thu", ("thu:1", "org.odk.collect.android/v2026.1 Thu")),
        ("", "", (None, None)),
        ("d" * 5_000, "a" * 5_000, ("d" * 200, "a" * 300)),
        ("máy\n1", "x", ("máy1", "x")),
    ],
    ids=["plain", "empty", "long", "odd"],
)
def test_device_and_program_are_kept_with_a_new_one_and_with_its_edit(
    office: Office, client: FlaskClient, key_path: str, device: str, agent: str, kept: tuple[str | None, ...]
) -> None:
    for number, replaces in ((1, ""), (2, instance(1))):
        parts = {"xml_submission_file": (interview(number, replaces=replaces), "s.xml", "text/xml")}
        path = f"{key_path}/submission?deviceID={quote(device)}"
        assert send(client, path, parts, agent=agent).status_code == 201
    assert [(row.device_id, row.user_agent) for row in rows(office, SUBMISSIONS)] == [kept, kept]


def test_an_older_version_is_taken_and_read_after_a_newer_came(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    publish(office, small_form("2"))
    assert post(client, key_path, interview(1, version="1")).status_code == 201
    assert post(client, key_path, interview(2, version="2")).status_code == 201
    assert derive() == 2
    assert {row.state for row in rows(office, DERIVATIONS)} == {"done"}


def test_a_missing_version_is_kept_and_held(office: Office, client: FlaskClient, key_path: str) -> None:
    xml = interview().replace(b'id="small" version="1"', b'id="small"')
    assert b'id="small">' in xml
    assert post(client, key_path, xml).status_code == 202
    assert [row.state for row in rows(office, DERIVATIONS)] == ["held"]


def test_identical_files_under_two_names_and_one_file_named_twice(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    two = interview(1, photo="a.jpg").replace(b"<q>a</q>", b"<q>b.jpg</q>")
    assert post(client, key_path, two, {"a.jpg": JPEG, "b.jpg": JPEG}).status_code == 201
    twice = interview(2, photo="a.jpg").replace(b"<q>a</q>", b"<q>a.jpg</q>")
    assert post(client, key_path, twice, {"a.jpg": JPEG}).status_code == 201
    files = rows(office, ATTACHMENTS)
    assert sorted(file.filename for file in files) == ["a.jpg", "a.jpg", "b.jpg"]
    assert len({file.sha256 for file in files}) == 1
    assert list(office.app.extensions["mangnon.blobs"].names()) == [files[0].sha256], (
        "the bytes are kept once"
    )


def test_other_xml_with_the_later_files_is_a_conflict_that_keeps_everything(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    assert post(client, key_path, interview(photo="p.jpg")).status_code == 202
    answer = post(client, key_path, interview(photo="p.jpg", answer="khác"), {"p.jpg": JPEG})
    assert answer.status_code == 202
    kept = {row.standing: row for row in rows(office, SUBMISSIONS)}
    assert set(kept) == {"current", "conflict"}
    assert [file.submission_id for file in rows(office, ATTACHMENTS)] == [kept["conflict"].id]
    assert (kept["current"].complete, kept["conflict"].complete) == (False, True)


def test_every_file_tells_when_it_came(office: Office, client: FlaskClient, key_path: str) -> None:
    began = office.clock()
    xml = interview(photo="p.jpg")
    post(client, key_path, xml)
    office.clock.pass_(hours=1)
    post(client, key_path, xml, {"p.jpg": JPEG})
    office.clock.pass_(hours=1)
    post(client, key_path, xml, {"p.jpg": JPEG + b"other"})
    came = sorted((file.received_at - began).total_seconds() for file in rows(office, ATTACHMENTS))
    assert came == [3_600, 7_200]


def test_an_audit_log_is_a_file_like_any_other(office: Office, client: FlaskClient, key_path: str) -> None:
    publish(
        office,
        b"| survey |\n| | type | name | label |\n| | text | q | Q |\n| | audit | audit | |\n"
        b"| settings |\n| | form_id | version |\n| | logged | 1 |\n",
    )
    xml = interview(form_id="logged").replace(
        b"<orx:instanceID>", b"<orx:audit>audit.csv</orx:audit><orx:instanceID>"
    )
    assert post(client, key_path, xml).status_code == 202
    log = b"event,node,start,end\nform start,,1,\n"
    assert post(client, key_path, xml, {"audit.csv": log}).status_code == 202
    (file,) = rows(office, ATTACHMENTS)
    assert (file.filename, file.expected, rows(office, SUBMISSIONS)[0].complete) == ("audit.csv", True, True)


@pytest.mark.parametrize(
    ("kind", "shown"), [("image/jpeg", True), ("text/html", False), ("image/svg+xml", False), ("", False)]
)
def test_what_a_browser_could_run_is_downloaded_and_a_picture_is_shown(
    office: Office, client: FlaskClient, key_path: str, kind: str, shown: bool
) -> None:
    script = b"<script>1</script>"
    parts = {
        "xml_submission_file": (interview(photo="p.jpg"), "s.xml", "text/xml"),
        "p.jpg": (script, "p.jpg", kind),
    }
    assert send(client, f"{key_path}/submission", parts).status_code == 201
    (kept,) = rows(office, SUBMISSIONS)
    answer = administrator(office).get(f"/submissions/{kept.id}/files/p.jpg")
    assert answer.data == script
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == ("image/jpeg" if shown else "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("inline" if shown else "attachment")


def test_one_id_in_two_forms_keeps_both(office: Office, client: FlaskClient, key_path: str) -> None:
    publish(office, OTHER)
    assert post(client, key_path, interview()).status_code == 201
    assert post(client, key_path, interview(form_id="second")).status_code in (201, 202)
    assert {row.form_id for row in rows(office, SUBMISSIONS)} == {"small", "second"}
    assert post(client, key_path, interview()).status_code == 202
    assert len(rows(office, SUBMISSIONS)) == 2


def test_an_edit_of_itself_is_kept(office: Office, client: FlaskClient, key_path: str) -> None:
    answer = post(client, key_path, interview(1, replaces=instance(1)))
    assert answer.status_code in (201, 202)
    assert post(client, key_path, interview(1, replaces=instance(1))).status_code == 202
    assert [row.standing for row in rows(office, SUBMISSIONS)] == ["current"]


def test_an_edit_under_an_id_that_is_taken_is_a_conflict(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    for number in (1, 2):
        assert post(client, key_path, interview(number)).status_code == 201
    answer = post(client, key_path, interview(2, answer="sửa", replaces=instance(1)))
    assert answer.status_code == 202
    standing = sorted((row.instance_id, row.standing) for row in rows(office, SUBMISSIONS))
    assert standing == [(instance(1), "current"), (instance(2), "conflict"), (instance(2), "current")]


def test_an_edit_may_bring_another_picture_or_one_more(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    post(client, key_path, interview(1, photo="a.jpg"), {"a.jpg": JPEG})
    edit = interview(2, photo="a.jpg", replaces=instance(1)).replace(b"<q>a</q>", b"<q>b.jpg</q>")
    assert post(client, key_path, edit, {"a.jpg": JPEG + b"new", "b.jpg": JPEG}).status_code == 201
    ids = {row.id: row.instance_id for row in rows(office, SUBMISSIONS)}
    kept = sorted((ids[file.submission_id], file.filename, file.size) for file in rows(office, ATTACHMENTS))
    assert kept == [
        (instance(1), "a.jpg", len(JPEG)),
        (instance(2), "a.jpg", len(JPEG) + 3),
        (instance(2), "b.jpg", len(JPEG)),
    ]


@pytest.mark.parametrize(
    "change",
    [(b"<q>a</q>", b"<q>a</q><unknown>x</unknown>"), (b"<q>a</q>", b""), (b"<q>a</q>", b"<q>a</q><q>b</q>")],
    ids=["unknown question", "question left out", "question twice"],
)
def test_answers_are_kept_as_sent(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int], change: tuple[bytes, bytes]
) -> None:
    xml = interview().replace(*change)
    assert post(client, key_path, xml).status_code == 201
    assert rows(office, SUBMISSIONS)[0].xml == xml
    assert derive() == 1
    assert rows(office, DERIVATIONS)[0].state == "done"


def test_two_megabytes_of_answers(office: Office, client: FlaskClient, key_path: str) -> None:
    xml = interview(answer="phiếu dài " * 200_000)
    assert len(xml) > 2_000_000
    assert post(client, key_path, xml).status_code == 201
    assert rows(office, SUBMISSIONS)[0].xml == xml
    assert rows(office, SET_ASIDE) == []


def test_an_export_of_nothing_has_its_head(office: Office) -> None:
    answer = administrator(office).post("/export/answers", form="small", kind="zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(BytesIO(answer.get_data())) as pack:
        (name,) = (name for name in pack.namelist() if name.endswith("small.csv"))
        (head,) = pack.read(name).decode("utf-8-sig").splitlines()
    assert {"q", "photo"} <= set(head.split(","))
    answer.close()


def test_the_list_names_tests_that_exist() -> None:
    folder = Path(__file__).parent
    named = set(re.findall(r"`(test_\w+)`", (folder / "README.md").read_text(encoding="utf-8")))
    found: set[str] = set()
    for path in folder.parent.rglob("test_*.py"):
        found |= set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(named) > 50
    assert named <= found, sorted(named - found)
