"""The OpenRosa door as ODK Collect and other clients meet it: lists, media, deliveries, refusals."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from lxml import etree
from office import Office
from small_form import VERSION, instance, interview, post, small_form

from server.flows.people import Added
from server.flows.publish_form import publish_form
from server.store.base import begin_writing, db
from server.store.submissions import ATTACHMENTS, DERIVATIONS, SET_ASIDE, SUBMISSIONS

JPEG = b"\xff\xd8\xff\xe0 a photo"


def publish(office: Office, version: str = "1") -> None:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        publish_form(session, small_form(version), "small.md", {}, now=office.clock(), by=None)
        session.commit()


@pytest.fixture(autouse=True)
def small(office: Office) -> None:
    publish(office)


def rows(office: Office, table: sa.Table) -> list[sa.Row]:
    with office.app.app_context():
        return list(db.session.execute(sa.select(table)))


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_form_list_names_the_bytes_served(client: FlaskClient, key_path: str) -> None:
    answer = client.get(f"{key_path}/formList", headers=VERSION)
    assert answer.status_code == 200
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert "Date" in answer.headers
    listed = {form[0].text: form for form in etree.fromstring(answer.data)}
    space = "{http://openrosa.org/xforms/xformsList}"
    url = listed["small"].findtext(f"{space}downloadUrl")
    served = client.get(url)
    assert listed["small"].findtext(f"{space}hash") == "md5:" + hashlib.md5(served.data).hexdigest()
    assert listed["ls_cl"].findtext(f"{space}manifestUrl")


def test_form_list_can_be_narrowed_and_is_cached(client: FlaskClient, key_path: str) -> None:
    assert len(etree.fromstring(client.get(f"{key_path}/formList?formID=small").data)) == 1
    assert len(etree.fromstring(client.get(f"{key_path}/formList?formID=nothing").data)) == 0
    first = client.get(f"{key_path}/formList")
    again = client.get(f"{key_path}/formList", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_lists_of_places_are_cut_to_the_area(client: FlaskClient, key_path: str) -> None:
    listed = etree.fromstring(client.get(f"{key_path}/formList?formID=ls_cl").data)
    manifest = client.get(listed[0].findtext("{http://openrosa.org/xforms/xformsList}manifestUrl"))
    files = {file[0].text: file for file in etree.fromstring(manifest.data)}
    assert set(files) >= {"wards.csv", "villages.csv"}
    served = client.get(files["villages.csv"][2].text)
    assert files["villages.csv"][1].text == "md5:" + hashlib.md5(served.data).hexdigest()
    lines = served.data.decode().splitlines()
    assert lines[0] == "name,label,ward"
    assert {line.rsplit(",", 1)[1] for line in lines[1:]} == {"05977"}


def test_a_missing_media_file_is_really_missing(client: FlaskClient, key_path: str) -> None:
    answer = client.get(f"{key_path}/forms/ls_cl/1.1/media/nothing.csv")
    assert answer.status_code == 404
    assert b"S107" in answer.data


def test_head_says_what_is_taken(client: FlaskClient, key_path: str) -> None:
    answer = client.head(f"{key_path}/submission", headers=VERSION)
    assert answer.status_code == 204
    assert int(answer.headers["X-OpenRosa-Accept-Content-Length"]) == 200 * 1024 * 1024


@pytest.mark.parametrize("path", ["/key/wrong", "/openrosa"])
def test_strangers_are_refused_and_nothing_is_kept(office: Office, client: FlaskClient, path: str) -> None:
    answer = post(client, path, interview())
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert b"P204" in answer.data
    assert rows(office, SUBMISSIONS) == []
    assert rows(office, SET_ASIDE) == []


def test_basic_with_name_and_password(client: FlaskClient, collaborator: Added) -> None:
    good = basic(collaborator.name, collaborator.password)
    assert client.get("/openrosa/formList", headers=good).status_code == 200
    assert post(client, "/openrosa", interview(), headers=VERSION | good).status_code == 201
    answer = client.get("/openrosa/formList", headers=basic(collaborator.name, "khong-dung"))
    assert answer.status_code == 401
    assert b"P201" in answer.data


def test_guesses_are_slowed_but_a_valid_key_never_is(
    office: Office, client: FlaskClient, collaborator: Added, key_path: str
) -> None:
    office.add("Người Bị Đoán", "collaborator", "05977")
    for _ in range(5):
        client.get("/openrosa/formList", headers=basic("Người Bị Đoán", "sai-sai-sai"))
    answer = client.get("/openrosa/formList", headers=basic("Người Bị Đoán", "sai-sai-sai"))
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert client.get(f"{key_path}/formList").status_code == 200


def test_a_delivery_is_kept_byte_for_byte(office: Office, client: FlaskClient, key_path: str) -> None:
    xml = interview(photo="p.jpg")
    answer = post(client, key_path, xml, {"p.jpg": JPEG})
    assert answer.status_code == 201
    (kept,) = rows(office, SUBMISSIONS)
    assert (kept.xml, kept.instance_id, kept.standing, kept.complete) == (xml, instance(1), "current", True)
    (file,) = rows(office, ATTACHMENTS)
    assert office.app.extensions["mangnon.blobs"].path(file.sha256).read_bytes() == JPEG
    (queued,) = rows(office, DERIVATIONS)
    assert queued.state == "waiting"


def test_the_same_again_is_success_and_one_row(office: Office, client: FlaskClient, key_path: str) -> None:
    assert post(client, key_path, interview()).status_code == 201
    assert post(client, key_path, interview()).status_code == 202
    assert len(rows(office, SUBMISSIONS)) == 1


def test_eight_at_once_are_eight_successes_and_one_row(office: Office, key_path: str) -> None:
    def send(_number: int) -> int:
        return post(office.app.test_client(), key_path, interview(), {"p.jpg": JPEG}).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(send, range(8)))
    assert set(codes) <= {201, 202}
    assert len(rows(office, SUBMISSIONS)) == 1
    assert len(rows(office, ATTACHMENTS)) == 1


def test_files_may_follow_later(office: Office, client: FlaskClient, key_path: str) -> None:
    first = post(client, key_path, interview(photo="p.jpg"))
    assert first.status_code == 202
    assert "p.jpg" in first.get_data(as_text=True)
    assert rows(office, SUBMISSIONS)[0].complete is False
    assert post(client, key_path, interview(photo="p.jpg"), {"p.jpg": JPEG}).status_code == 202
    assert rows(office, SUBMISSIONS)[0].complete is True


def test_a_file_nobody_names_is_kept_and_reported(office: Office, client: FlaskClient, key_path: str) -> None:
    answer = post(client, key_path, interview(), {"ảnh lạ.jpg": JPEG})
    assert answer.status_code == 201
    assert "ảnh lạ.jpg" in answer.get_data(as_text=True)
    (file,) = rows(office, ATTACHMENTS)
    assert (file.filename, file.expected) == ("ảnh lạ.jpg", False)


def test_same_id_other_bytes_keeps_both(office: Office, client: FlaskClient, key_path: str) -> None:
    post(client, key_path, interview(answer="a"))
    answer = post(client, key_path, interview(answer="b"))
    assert answer.status_code == 202
    assert "cán bộ" in answer.get_data(as_text=True)
    assert sorted(row.standing for row in rows(office, SUBMISSIONS)) == ["conflict", "current"]


def test_an_edit_replaces_and_carries_files_over(office: Office, client: FlaskClient, key_path: str) -> None:
    post(client, key_path, interview(1, photo="p.jpg"), {"p.jpg": JPEG})
    answer = post(client, key_path, interview(2, photo="p.jpg", answer="b", replaces=instance(1)))
    assert answer.status_code == 201
    standing = {row.instance_id: (row.standing, row.complete) for row in rows(office, SUBMISSIONS)}
    assert standing == {instance(1): ("superseded", True), instance(2): ("current", True)}
    assert len(rows(office, ATTACHMENTS)) == 2


def test_an_unknown_version_waits_until_it_is_published(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    answer = post(client, key_path, interview(version="2"))
    assert answer.status_code == 202
    assert rows(office, DERIVATIONS)[0].state == "held"
    publish(office, "2")
    assert derive() == 1
    assert rows(office, DERIVATIONS)[0].state == "done"


def test_late_data_of_a_removed_person_is_kept_apart(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    from server.flows.people import remove_person
    from server.store.people import find_by_name, who_is

    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        person, admin = find_by_name(session, "Cộng Tác Viên Thử"), find_by_name(session, "Quản trị")
        assert person
        assert admin
        remove_person(session, person, by=who_is(session, admin), now=office.clock())
        session.commit()
    assert client.get(f"{key_path}/formList").status_code == 403
    assert post(client, key_path, interview()).status_code == 202
    assert rows(office, SUBMISSIONS)[0].standing == "quarantined"


BROKEN = {
    "cut in half": interview()[:120],
    "not XML": b"hello",
    "empty": b"",
    "NUL": interview(answer="a\x00b"),
    "bad UTF-8": interview().replace(b"<q>a", b"<q>\xff\xfe"),
    "entity bomb": b'<!DOCTYPE d [<!ENTITY a "aaaa">]><data id="small">&a;</data>',
    "no instance id": interview(instance_id=""),
    "no form id": b"<data/>",
}


@pytest.mark.parametrize("xml", BROKEN.values(), ids=BROKEN.keys())
def test_broken_xml_is_refused_with_its_reason_and_put_aside(
    office: Office, client: FlaskClient, key_path: str, xml: bytes
) -> None:
    answer = post(client, key_path, xml)
    assert answer.status_code == 400
    assert etree.fromstring(answer.data)[0].text.startswith("[")
    assert rows(office, SUBMISSIONS) == []
    assert [row.content for row in rows(office, SET_ASIDE)] == [xml]


def test_an_unknown_form_is_put_aside(office: Office, client: FlaskClient, key_path: str) -> None:
    answer = post(client, key_path, interview(form_id="strange"))
    assert answer.status_code == 404
    assert b"S105" in answer.data
    assert len(rows(office, SET_ASIDE)) == 1


def test_eight_times_the_same_broken_bytes_are_put_aside_once(office: Office, key_path: str) -> None:
    def send(_number: int) -> int:
        return post(office.app.test_client(), key_path, b"hello").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) == {400}
    assert len(rows(office, SET_ASIDE)) == 1


def test_eight_versions_at_once_are_all_kept_and_one_counts(office: Office, key_path: str) -> None:
    def send(number: int) -> int:
        return post(office.app.test_client(), key_path, interview(answer=f"a{number}")).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) <= {201, 202}
    assert sorted(row.standing for row in rows(office, SUBMISSIONS)) == ["conflict"] * 7 + ["current"]


@pytest.mark.parametrize(
    "xml", [interview(version="9" * 101), interview(form_id="f" * 201)], ids=["version", "form id"]
)
def test_a_name_that_no_column_holds_is_refused_with_its_reason(
    office: Office, client: FlaskClient, key_path: str, xml: bytes
) -> None:
    answer = post(client, key_path, xml)
    assert answer.status_code == 400
    assert b"O101" in answer.data  # name_too_long
    assert [row.content for row in rows(office, SET_ASIDE)] == [xml]


def test_a_nul_in_an_address_is_no_fault_of_the_server(client: FlaskClient, key_path: str) -> None:
    assert client.get(f"{key_path}/formList?formID=%00").status_code in (200, 400)
    answer = client.get(f"{key_path}/forms/%00/1/form.xml")
    assert answer.status_code in (400, 404)
    assert b"[S" in answer.data


def test_what_is_put_aside_is_bounded(office: Office, client: FlaskClient, key_path: str) -> None:
    for number in range(55):
        post(client, key_path, b"broken %d" % number)
    assert len(rows(office, SET_ASIDE)) == 50


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        ({}, "multipart/form-data", b"S103"),
        ({"xml_submission_file": "a text field"}, "multipart/form-data", b"S103"),
        (b"<data/>", "text/xml", b"S103"),
        (b"no boundary", "multipart/form-data", b"S103"),
    ],
)
def test_odd_bodies(client: FlaskClient, key_path: str, data: object, content_type: str, code: bytes) -> None:
    answer = client.post(f"{key_path}/submission", data=data, content_type=content_type, headers=VERSION)
    assert answer.status_code == 400
    assert code in answer.data


def test_the_version_header_is_needed(client: FlaskClient, key_path: str) -> None:
    answer = post(client, key_path, interview(), headers={})
    assert answer.status_code == 400
    assert b"S104" in answer.data


def test_wrong_methods_and_addresses_speak_openrosa(client: FlaskClient, key_path: str) -> None:
    assert client.delete(f"{key_path}/submission").status_code == 405
    answer = client.get(f"{key_path}/nothing")
    assert answer.status_code == 404
    assert b"OpenRosaResponse" in answer.data
