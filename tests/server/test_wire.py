"""The wire in its odd corners: gzip, limits while reading, file names, edits out of order, encryption, entity lists."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from lxml import etree
from office import Clock, Office, Template
from postgres import driver
from small_form import VERSION, instance, interview, post, small_form
from werkzeug.test import TestResponse

from server.app import create_app
from server.flows.people import Added
from server.flows.publish_form import publish_form
from server.settings import Settings
from server.store.base import begin_writing, db
from server.store.submissions import ATTACHMENTS, SET_ASIDE, SUBMISSIONS
from tests.builders import ls_cl

MARK = "mark"
JPEG = b"\xff\xd8\xff\xe0 a photo"
LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
FOLLOW_UP = """| settings |
| | form_title | form_id | version | default_language |
| | Theo dõi   | follow  | 1       | vi |

| survey |
| | type | name | label::vi |
| | select_one_from_file household.csv | hh | Hộ |
"""


def publish(office: Office, source: bytes, name: str = "small.md") -> None:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        publish_form(session, source, name, {}, now=office.clock(), by=None)
        session.commit()


@pytest.fixture(autouse=True)
def small(office: Office) -> None:
    publish(office, small_form())


def rows(office: Office, table: sa.Table) -> list[sa.Row]:
    with office.app.app_context():
        return list(db.session.execute(sa.select(table)))


def part(content: bytes, disposition: str, kind: str = "image/jpeg") -> bytes:
    head = f"--{MARK}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def xml_part(xml: bytes, kind: str = "text/xml") -> bytes:
    return part(xml, 'name="xml_submission_file"; filename="s.xml"', kind)


def raw(client: FlaskClient, path: str, body: bytes, **headers: str) -> TestResponse:
    return client.post(
        f"{path}/submission",
        data=body,
        headers=VERSION | {name.replace("_", "-"): value for name, value in headers.items()},
        content_type=f"multipart/form-data; boundary={MARK}",
    )


END = f"--{MARK}--\r\n".encode()


def test_verbose_lists_say_more_and_every_version_can_be_listed(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    publish(office, small_form("2"))
    plain = etree.fromstring(client.get(f"{key_path}/formList?formID=small").data)
    assert [form.findtext(f"{LIST}version") for form in plain] == ["2"]
    assert plain.find(f".//{LIST}descriptionText") is None
    told = etree.fromstring(client.get(f"{key_path}/formList?formID=small&verbose=true").data)
    assert "24/11/2026" in (told.findtext(f".//{LIST}descriptionText") or "")
    every = etree.fromstring(client.get(f"{key_path}/formList?formID=small&listAllVersions=true").data)
    assert [form.findtext(f"{LIST}version") for form in every] == ["1", "2"]


def test_head_carries_every_header(client: FlaskClient, key_path: str) -> None:
    answer = client.head(f"{key_path}/submission", headers=VERSION)
    assert answer.status_code == 204
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert answer.headers["X-OpenRosa-Accept-Content-Length"] == str(200 * 1024 * 1024)
    assert answer.headers["Date"].endswith("GMT")


def test_gzip_is_taken(office: Office, client: FlaskClient, key_path: str) -> None:
    body = gzip.compress(
        xml_part(interview(photo="p.jpg")) + part(JPEG, 'name="p.jpg"; filename="p.jpg"') + END
    )
    assert raw(client, key_path, body, Content_Encoding="gzip").status_code == 201
    assert rows(office, SUBMISSIONS)[0].xml == interview(photo="p.jpg")
    assert rows(office, ATTACHMENTS)[0].size == len(JPEG)


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (gzip.compress(xml_part(interview()) + END)[:-30], "gzip", b"S101"),
        (b"not gzip at all", "gzip", b"S101"),
        (zlib.compress(b"x"), "br", b"S121"),
        (gzip.compress(xml_part(b"<a>" + b"x" * 6_000_000) + END), "gzip", b"S106"),
    ],
)
def test_packed_bodies_that_are_refused(
    client: FlaskClient, key_path: str, body: bytes, encoding: str, code: bytes
) -> None:
    answer = raw(client, key_path, body, Content_Encoding=encoding)
    assert answer.status_code in (400, 413, 415)
    assert code in answer.data


@pytest.mark.parametrize("kind", ["text/xml", "image/jpeg", "application/octet-stream"])
def test_oversize_is_refused_whatever_a_part_claims_to_be(
    office: Office, client: FlaskClient, key_path: str, kind: str
) -> None:
    answer = raw(client, key_path, xml_part(interview(answer="x" * 5_300_000), kind) + END)
    assert answer.status_code == 413
    assert b"S106" in answer.data
    assert [len(row.content) for row in rows(office, SET_ASIDE)] == [5 * 1024 * 1024]


def test_files_and_requests_have_their_own_limits(
    tmp_path: Path, template: Template, database_url: str
) -> None:
    shutil.copytree(template.folder, tmp_path / "small")
    limits = Settings(
        data=tmp_path / "small",
        database_url=driver(database_url),
        max_xml=2_000,
        max_file=3_000,
        max_request=8_000,
    )
    office = Office(create_app(limits, Clock()), Clock())
    publish(office, small_form())
    path = office.add("Người Đo", "collaborator", "05977").openrosa_url.removeprefix("http://127.0.0.1:8000")
    client = office.app.test_client()
    photo = 'name="p.jpg"; filename="p.jpg"'
    assert (
        raw(client, path, xml_part(interview()) + part(b"x" * 3_001, photo, "text/xml") + END).status_code
        == 413
    )
    assert raw(client, path, xml_part(interview()) + 3 * part(b"x" * 2_900, photo) + END).status_code == 413
    unpacked = gzip.compress(xml_part(interview()) + 3 * part(b"x" * 2_900, photo) + END)
    assert raw(client, path, unpacked, Content_Encoding="gzip").status_code == 413
    assert raw(client, path, xml_part(interview()) + part(b"x" * 3_000, photo) + END).status_code == 201
    with office.app.app_context():
        office.app.extensions["mangnon.writer"].close()
        office.app.extensions["mangnon.mark"].close()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (xml_part(interview())[:-20], b"S101"),
        (xml_part(interview()), b"S101"),
        (xml_part(interview()) + xml_part(interview(2)) + END, b"S120"),
        (b"x" * 200_000, b"S101"),
        (f"--{MARK}\r\n".encode() + b"X-Many: 1\r\n" * 20_000, b"S101"),
        (f"--{MARK}\r\nContent-Type: text/xml\r\n\r\n".encode() + interview() + b"\r\n" + END, b"S101"),
        (part(b"a", 'name="a"; filename="a"') * 1_001 + xml_part(interview()) + END, b"S122"),
        (xml_part(interview(version="9" * 101)) + END, b"O101"),
    ],
    ids=["cut", "no end", "two", "preamble", "headers", "no disposition", "many", "version"],
)
def test_broken_multipart(
    office: Office, client: FlaskClient, key_path: str, body: bytes, code: bytes
) -> None:
    answer = raw(client, key_path, body)
    assert answer.status_code in (400, 413)
    assert code in answer.data
    assert rows(office, SUBMISSIONS) == []


@pytest.mark.parametrize(
    ("disposition", "kept"),
    [
        ('name="p"; filename="ảnh nhà.jpg"', "ảnh nhà.jpg"),
        ("name=\"p\"; filename*=UTF-8''%E1%BA%A3nh%20nh%C3%A0.jpg", "ảnh nhà.jpg"),
        ('name="p"; filename="=?UTF-8?B?4bqjbmggbmjDoC5qcGc=?="', "ảnh nhà.jpg"),
        ('name="p"; filename="C:\\\\fakepath\\\\p.jpg"', "p.jpg"),
        ('name="p"; filename="../../etc/p.jpg"', "p.jpg"),
        ('name="p.jpg"; filename=""', "p.jpg"),
        ('name="p"; filename="' + "a" * 400 + '.jpg"', "a" * 235 + "a" * 16 + ".jpg"),
    ],
)
def test_file_names(office: Office, client: FlaskClient, key_path: str, disposition: str, kept: str) -> None:
    answer = raw(client, key_path, xml_part(interview()) + part(JPEG, disposition) + END)
    assert answer.status_code == 201
    assert [file.filename for file in rows(office, ATTACHMENTS)] == [kept]


def test_soft_edges_are_taken(office: Office, client: FlaskClient, key_path: str) -> None:
    mark = b"\xef\xbb\xbf"
    assert (
        raw(client, key_path, xml_part(mark + interview(1), "text/xml; charset=UTF-8") + END).status_code
        == 201
    )
    assert (
        raw(client, key_path, xml_part(interview(2), "text/plain; charset=windows-1258") + END).status_code
        == 201
    )
    assert post(client, key_path, interview(instance_id="phiếu/số 1")).status_code == 201
    assert post(client, key_path, interview(instance_id="x" * 300)).status_code == 400
    assert post(client, f"{key_path}", interview(3), headers=VERSION | {"User-Agent": ""}).status_code == 201
    assert len(rows(office, SUBMISSIONS)) == 4


def test_a_photo_of_the_same_name_with_other_bytes_is_kept_too(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    xml = interview(photo="p.jpg")
    assert post(client, key_path, xml, {"p.jpg": JPEG}).status_code == 201
    assert post(client, key_path, xml, {"p.jpg": JPEG + b"other"}).status_code == 202
    kept = sorted((file.filename, file.size) for file in rows(office, ATTACHMENTS))
    assert kept == [("p.jpg", len(JPEG)), ("p.jpg", len(JPEG) + 5)]


def test_an_edit_that_overtakes_its_original_counts_and_gets_its_files(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    edit = interview(2, photo="p.jpg", replaces=instance(1))
    assert post(client, key_path, edit).status_code == 202
    late = post(client, key_path, interview(1, photo="p.jpg"), {"p.jpg": JPEG})
    assert late.status_code == 202
    assert "bản sửa" in late.get_data(as_text=True)
    kept = {row.instance_id: (row.standing, row.complete) for row in rows(office, SUBMISSIONS)}
    assert kept == {instance(1): ("superseded", True), instance(2): ("current", True)}


def test_a_chain_of_edits_keeps_every_version(office: Office, client: FlaskClient, key_path: str) -> None:
    post(client, key_path, interview(1, photo="p.jpg"), {"p.jpg": JPEG})
    post(client, key_path, interview(2, photo="p.jpg", answer="b", replaces=instance(1)))
    assert (
        post(client, key_path, interview(3, photo="p.jpg", answer="c", replaces=instance(2))).status_code
        == 201
    )
    second = post(client, key_path, interview(4, answer="d", replaces=instance(1)))
    assert second.status_code == 202
    standing = {row.instance_id: row.standing for row in rows(office, SUBMISSIONS)}
    assert list(standing.values()).count("superseded") == 2
    assert (standing[instance(3)], standing[instance(4)]) == ("current", "conflict")
    assert post(client, key_path, interview(1, photo="p.jpg")).status_code == 202
    assert len(rows(office, SUBMISSIONS)) == 4


def test_two_edits_of_something_unknown(office: Office, client: FlaskClient, key_path: str) -> None:
    assert post(client, key_path, interview(2, replaces=instance(1))).status_code == 201
    assert post(client, key_path, interview(3, replaces=instance(1))).status_code == 202
    assert sorted(row.standing for row in rows(office, SUBMISSIONS)) == ["conflict", "current"]


def test_encrypted_submissions_are_stored_and_marked(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    xml = (
        '<data xmlns="http://opendatakit.org/submissions" id="small" version="1" encrypted="yes">'
        "<base64EncryptedKey>a2V5</base64EncryptedKey>"
        f'<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>{instance(1)}</orx:instanceID></orx:meta>'
        "<media><file>p.jpg.enc</file></media><encryptedXmlFile>submission.xml.enc</encryptedXmlFile>"
        "<base64EncryptedElementSignature>c2ln</base64EncryptedElementSignature></data>"
    ).encode()
    first = post(client, key_path, xml, {"submission.xml.enc": b"\x00\x01"})
    assert first.status_code == 202
    assert "p.jpg.enc" in first.get_data(as_text=True)
    post(client, key_path, xml, {"p.jpg.enc": b"\x02"})
    (kept,) = rows(office, SUBMISSIONS)
    assert (kept.encrypted, kept.complete, kept.xml) == (True, True, xml)
    assert derive() == 1


def test_what_is_put_aside_is_bounded_for_each_device(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    def broken(device: str, number: int) -> bytes:
        body = xml_part(f"broken {device} {number}".encode()) + END
        return client.post(
            f"{key_path}/submission?deviceID={device}",
            data=body,
            headers=VERSION,
            content_type=f"multipart/form-data; boundary={MARK}",
        ).data

    told = [broken("a", number) for number in range(51)]
    assert "giữ riêng".encode() in told[0]
    assert "giữ riêng".encode() not in told[50]
    assert "giữ riêng".encode() in broken("b", 1)
    assert len(rows(office, SET_ASIDE)) == 51


def test_nothing_large_is_kept_for_an_unknown_form(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    assert post(client, key_path, interview(form_id="strange"), {"p.jpg": JPEG}).status_code == 404
    assert list(office.app.extensions["mangnon.blobs"].names()) == []


def test_entity_lists_are_cut_to_the_area_and_say_what_is_gone(
    office: Office, client: FlaskClient, key_path: str, collaborator: Added, derive: Callable[[], int]
) -> None:
    publish(office, FOLLOW_UP.encode(), "follow.md")
    assert post(client, key_path, ls_cl.household([ls_cl.lawful_child()])).status_code == 201
    derive()
    listed = etree.fromstring(client.get(f"{key_path}/formList?formID=follow").data)
    manifest = etree.fromstring(client.get(listed.findtext(f".//{LIST}manifestUrl") or "").data)
    (file,) = manifest.findall(f"{MANIFEST}mediaFile")
    assert file.get("type") == "entityList"
    served = client.get(file.findtext(f"{MANIFEST}downloadUrl") or "")
    assert file.findtext(f"{MANIFEST}hash") == "md5:" + hashlib.md5(served.data).hexdigest()
    head, row = served.get_data(as_text=True).splitlines()
    assert head == "name,label,__version,ward,village,number,head_name"
    entity_id, label, *said = row.split(",")
    assert label.startswith("1 · Nguyễn Thị Thử")
    assert said == ["1", "05977", "05977.001", "1", "Nguyễn Thị Thử"]
    answer = client.get(f"{file.findtext(f'{MANIFEST}integrityUrl')}?id={entity_id},khong-co")
    gone = {entity.get("id"): entity[0].text for entity in etree.fromstring(answer.data)[0]}
    assert gone == {entity_id: "false", "khong-co": "true"}
    other = office.add("Người Phường Khác", "collaborator", "05986").openrosa_url
    far = client.get(f"{other.removeprefix('http://127.0.0.1:8000')}/forms/follow/1/media/household.csv")
    assert far.get_data(as_text=True).splitlines() == [head]
