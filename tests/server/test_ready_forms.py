"""XForms made elsewhere: taken, listed, served byte for byte, filled, exported, whatever their names and encoding."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from hashlib import md5
from html import unescape
from pathlib import Path

import pytest
from any_form import CORPUS, filled
from flask.testing import FlaskClient
from office import Office
from small_form import post, small_form
from web_hands import signed_in

from forms.publish import publish as convert
from forms.schema import read_schema
from server.address import NameConverter, part
from server.flows.drafts import keep_draft
from server.flows.people import Added
from server.flows.publish_form import publish_form
from server.store.base import begin_writing, db

READY = sorted((CORPUS / "ready").glob("*.xml"))
OTHER_ENCODINGS = {
    "latin1": "iso-8859-1",
    "win1252": "windows-1252",
    "utf16": "utf-16",
}
ready = pytest.mark.parametrize("form", READY, ids=lambda form: form.stem)


def publish(office: Office, source: bytes, name: str) -> tuple[str, str, list[str]]:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        made = publish_form(session, source, name, {}, now=office.clock(), by=None)
        session.commit()
    return made.form_id, made.version, [warning.kind.name for warning in made.warnings]


def entry(client: FlaskClient, key_path: str, form_id: str) -> dict[str, str]:
    """What the list says of a form."""
    text = client.get(f"{key_path}/formList").text
    found = next(one for one in re.findall(r"<xform>.*?</xform>", text) if f">{form_id}<" in one)
    return {name: unescape(value) for name, value in re.findall(r"<(\w+)>([^<]*)</\1>", found)}


def local(url: str) -> str:
    return url.removeprefix("http://localhost")


@ready
def test_a_ready_form_goes_the_whole_way(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int], form: Path
) -> None:
    source = form.read_bytes()
    form_id, version, _ = publish(office, source, form.name)
    listed = entry(client, key_path, form_id)
    assert (listed["formID"], listed["version"]) == (form_id, version)
    served = client.get(local(listed["downloadUrl"]))
    assert served.data == source
    assert listed["hash"] == "md5:" + md5(source, usedforsecurity=False).hexdigest()
    assert served.mimetype == "text/xml"
    assert f"charset={OTHER_ENCODINGS.get(form.stem, 'utf-8')}" in served.headers["Content-Type"]
    if "manifestUrl" in listed:
        assert client.get(local(listed["manifestUrl"])).status_code == 200
    sent = post(client, key_path, filled(read_schema(source)))
    assert (sent.status_code, derive()) == (201, 1)
    browser = signed_in(office)
    with browser.post("/export/answers", data={"form": form_id, "kind": "zip"}) as answer:
        content = answer.data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        first = archive.namelist()[0]
        (row,) = csv.DictReader(io.StringIO(archive.read(first).decode("utf-8-sig")))
    assert (row["problem"], row["form_version"], row["other_answers"]) == ("", version, "")
    assert browser.get(f"/admin/forms/{part(form_id)}").status_code == 200
    assert browser.get(f"/admin/forms/{part(form_id)}/{part(version)}/form.xml").data == source
    assert f"/admin/forms/{part(form_id)}" in browser.get("/admin/forms").text


@ready
def test_a_ready_form_can_be_tried_as_a_draft(office: Office, client: FlaskClient, form: Path) -> None:
    officer = office.add("Cán Bộ Thử", "officer", "05977").openrosa_url
    path = officer.removeprefix("http://127.0.0.1:8000") + "/trial"
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        made = keep_draft(session, form.read_bytes(), form.name, {}, now=office.clock(), by=None)
        session.commit()
    listed = entry(client, path, made.form_id)
    got = read_schema(client.get(local(listed["downloadUrl"])).data)
    assert (got.form_id, got.version) == (made.form_id, made.trial_version)
    assert "bản thử" in got.title


@pytest.mark.parametrize("version", ["", "2024/05/01", "a b#c?d", "50%", "%none", "%2F", "bản 1"])
def test_any_version_can_be_fetched_by_collect_and_the_phone(
    office: Office, client: FlaskClient, key_path: str, collaborator: Added, version: str
) -> None:
    source = small_form(version)
    publish(office, source, "small.md")
    xform = convert(source, "small.md").xform
    listed = entry(client, key_path, "small")
    assert client.get(local(listed["downloadUrl"])).data == xform
    assert client.get(local(listed["downloadUrl"]).replace("form.xml", "manifest")).status_code == 200
    link = {"protocol": 1, "key": collaborator.phone_link.rpartition("/")[2], "device_id": "may-thu"}
    headers = {"Authorization": f"Bearer {client.post('/phone/api/sign-in', json=link).get_json()['token']}"}
    work = client.get("/phone/api/work", headers=headers).get_json()
    (url,) = (offer["url"] for offer in work["forms"] if offer["form_id"] == "small")
    assert client.get(url, headers=headers).data == xform


def test_a_name_is_one_part_of_an_address_and_comes_back() -> None:
    from urllib.parse import unquote

    converter = NameConverter.__new__(NameConverter)
    for name in ("", "1.0", "a/b", "%none", "%2F", "%25", "http://x.example/f?a=b#c", "bản thử"):
        written = part(name)
        assert "/" not in unquote(written), "also after a server has read it once"
        assert converter.to_python(unquote(written)) == name


def test_a_form_without_an_instance_id_is_warned_of(office: Office) -> None:
    form = CORPUS / "ready" / "nometa.xml"
    assert "form_without_instance_id" in publish(office, form.read_bytes(), form.name)[2]
    assert "form_without_instance_id" not in publish(office, small_form("1"), "small.md")[2]
