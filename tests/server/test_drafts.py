"""Drafts: officers try them on any client, nobody else sees them, and nothing of a trial is ever real data."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import instance, interview, post, small_form
from web_hands import signed_in
from werkzeug.test import TestResponse

from forms.draft_mark import trial_version
from server.flows.drafts import Drafted, keep_draft, release_draft
from server.flows.people import Added
from server.flows.publish_form import publish_form
from server.store import forms
from server.store.base import begin_writing, db
from server.store.forms import FormVersion
from server.store.submissions import DERIVATIONS, SUBMISSIONS
from server.store.trials import TRIALS

Upload = dict[str, Any]


@pytest.fixture
def officer(office: Office) -> Added:
    return office.add("Cán Bộ Thử", "officer", "05977")


@pytest.fixture
def officer_path(officer: Added) -> str:
    return officer.openrosa_url.removeprefix("http://127.0.0.1:8000")


def in_store(office: Office, action: Callable[[Any], Any]) -> Any:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        result = action(session)
        session.commit()
        return result


def draft(office: Office, version: str = "2", media: dict[str, bytes] | None = None) -> Drafted:
    return in_store(
        office,
        lambda session: keep_draft(
            session, small_form(version), "small.md", media or {}, now=office.clock(), by=None
        ),
    )


def publish(office: Office, version: str = "1", source: bytes | None = None) -> None:
    content = source or small_form(version)
    in_store(
        office,
        lambda session: publish_form(session, content, "small.md", {}, now=office.clock(), by=None),
    )


def rows(office: Office, table: sa.Table) -> int:
    with office.app.app_context():
        return db.session().scalar(sa.select(sa.func.count()).select_from(table)) or 0


def listed(client: FlaskClient, path: str) -> dict[str, str]:
    text = client.get(path, headers={"X-OpenRosa-Version": "1.0"}).text
    return dict(re.findall(r"<formID>(small)</formID>.*?<version>([^<]*)</version>", text))


def upload(source: bytes, name: str = "small.md", **media: bytes) -> Upload:
    files = [(io.BytesIO(content), filename) for filename, content in media.items()]
    return {"form": (io.BytesIO(source), name), "media": files}


def send_form(browser: FlaskClient, data: Upload) -> TestResponse:
    return browser.post("/admin/forms", data=data, content_type="multipart/form-data")


def test_officers_get_the_draft_and_collaborators_do_not(
    office: Office, client: FlaskClient, key_path: str, officer_path: str
) -> None:
    publish(office)
    made = draft(office)
    assert re.fullmatch(r"2-thu-[0-9a-f]{8}", made.trial_version)
    assert listed(client, f"{officer_path}/trial/formList") == {"small": made.trial_version}
    assert listed(client, f"{officer_path}/formList") == {"small": "1"}
    assert listed(client, f"{key_path}/formList?listAllVersions=true") == {"small": "1"}
    refused = client.get(f"{key_path}/trial/formList")
    assert refused.status_code == 403
    path = f"forms/small/{made.trial_version}/form.xml"
    assert client.get(f"{key_path}/{path}").status_code == 404
    form = client.get(f"{officer_path}/{path}")
    assert form.status_code == 200
    assert f'version="{made.trial_version}"' in form.text
    assert "Small (bản thử)" in form.text


def test_the_phone_app_of_an_officer_lists_the_draft_beside_the_form(
    office: Office, client: FlaskClient, officer: Added, collaborator: Added
) -> None:
    publish(office)
    made = draft(office)

    def versions(person: Added) -> set[tuple[str, str]]:
        link = {"protocol": 1, "key": person.phone_link.rpartition("/")[2], "device_id": "may-thu"}
        token = client.post("/phone/api/sign-in", json=link).get_json()["token"]
        work = client.get("/phone/api/work", headers={"Authorization": f"Bearer {token}"}).get_json()
        return {(form["version"], form["title"]) for form in work["forms"] if form["form_id"] == "small"}

    assert versions(officer) == {("1", "Small"), (made.trial_version, "Small (bản thử)")}
    assert versions(collaborator) == {("1", "Small")}


@pytest.mark.parametrize("door", ["", "/trial"])
def test_a_trial_is_kept_apart_and_never_derived(
    office: Office, client: FlaskClient, officer_path: str, derive: Callable[[], int], door: str
) -> None:
    publish(office)
    made = draft(office)
    before = rows(office, SUBMISSIONS), rows(office, DERIVATIONS)
    xml = interview(1, version=made.trial_version, photo="a.jpg")
    assert client.head(f"{officer_path}{door}/submission").status_code == 204
    first = post(client, officer_path + door, xml)
    assert (first.status_code, "phiếu điền thử" in first.text) == (202, True)
    assert "a.jpg" in first.text
    again = post(client, officer_path + door, xml, {"a.jpg": b"anh"})
    assert again.status_code == 202
    assert post(client, officer_path + door, interview(2, version=made.trial_version)).status_code == 201
    edit = interview(3, version=made.trial_version, replaces=instance(1))
    assert post(client, officer_path + door, edit).status_code == 201
    assert derive() == 0
    assert (rows(office, SUBMISSIONS), rows(office, DERIVATIONS)) == before
    assert rows(office, TRIALS) == 3
    with office.app.app_context():
        kept = (
            db.session().execute(sa.select(TRIALS.c.xml, TRIALS.c.files).order_by(TRIALS.c.instance_id)).all()
        )
        assert kept[0].xml == xml
        assert [entry["filename"] for entry in kept[0].files] == ["a.jpg"]
        blobs = office.app.extensions["mangnon.blobs"]
        with blobs.open(kept[0].files[0]["sha256"]) as stream:
            assert stream.read() == b"anh"


def test_a_trial_that_edits_a_real_interview_does_not_touch_it(
    office: Office, client: FlaskClient, officer_path: str
) -> None:
    publish(office)
    made = draft(office)
    assert post(client, officer_path, interview(1)).status_code == 201
    assert (
        post(client, officer_path, interview(2, version=made.trial_version, replaces=instance(1))).status_code
        == 201
    )
    with office.app.app_context():
        standings = db.session().scalars(sa.select(SUBMISSIONS.c.standing)).all()
    assert standings == ["current"]


def test_what_is_sent_under_the_coming_version_while_it_is_a_draft_is_a_trial_too(
    office: Office, client: FlaskClient, officer_path: str
) -> None:
    draft(office, "7")
    answer = post(client, officer_path, interview(1, version="7"))
    assert (answer.status_code, rows(office, SUBMISSIONS), rows(office, TRIALS)) == (201, 0, 1)


def test_an_edit_under_the_coming_version_leaves_the_real_interview_alone(
    office: Office, client: FlaskClient, officer_path: str
) -> None:
    publish(office)
    assert post(client, officer_path, interview(1)).status_code == 201
    draft(office, "7")
    edit = interview(2, version="7", replaces=instance(1))
    assert post(client, officer_path, edit).status_code == 201
    with office.app.app_context():
        assert db.session().scalars(sa.select(SUBMISSIONS.c.standing)).all() == ["current"]
    assert rows(office, TRIALS) == 1


def test_a_trial_sent_after_the_release_is_still_a_trial(
    office: Office, client: FlaskClient, officer_path: str, derive: Callable[[], int]
) -> None:
    made = draft(office)
    released = in_store(office, lambda session: release_draft(session, "small", now=office.clock(), by=None))
    assert (released.version, released.fresh) == ("2", True)
    late = post(client, officer_path, interview(1, version=made.trial_version))
    assert (late.status_code, rows(office, SUBMISSIONS), rows(office, TRIALS)) == (201, 0, 1)
    assert post(client, officer_path, interview(2, version="2")).status_code == 201
    assert derive() == 1
    assert listed(client, f"{officer_path}/formList") == {"small": "2"}
    assert listed(client, f"{officer_path}/trial/formList") == {}


def test_another_draft_takes_the_place_of_the_one_before(
    office: Office, client: FlaskClient, officer_path: str
) -> None:
    first, second = draft(office, "2"), draft(office, "3")
    assert first.trial_version != second.trial_version
    assert listed(client, f"{officer_path}/trial/formList") == {"small": second.trial_version}
    back = draft(office, "2")
    assert back.trial_version == first.trial_version
    assert listed(client, f"{officer_path}/trial/formList") == {"small": first.trial_version}
    # Whoever began an interview in the draft before can still end it in that.
    old = f"{officer_path}/forms/small/{second.trial_version}/form.xml"
    assert client.get(old).status_code == 200


def test_a_closed_version_is_no_more_offered_but_served_and_taken(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    publish(office, "1")
    old = client.get(f"{key_path}/forms/small/1/form.xml")
    publish(office, "2")

    def close(session: Any) -> None:
        form = forms.find(session, "small", "1")
        assert form is not None
        form.state = "closed"

    in_store(office, close)
    assert listed(client, f"{key_path}/formList?listAllVersions=true") == {"small": "2"}
    assert client.get(f"{key_path}/forms/small/1/form.xml").data == old.data
    assert client.get(f"{key_path}/forms/small/1/manifest").status_code == 200
    assert post(client, key_path, interview(1, version="1")).status_code == 201
    assert derive() == 1


def test_the_page_shows_what_changes_then_releases(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    publish(office)
    browser = signed_in(office)
    changed = small_form("2").replace(
        b"| text  | q     | Q         |", b"| integer | q | Hoi |\n| | text | moi | Moi |"
    )
    changed = changed.replace(b"| | image | photo | P         |\n", b"")
    sent = send_form(browser, upload(changed))
    assert (sent.status_code, sent.location) == (303, "/admin/forms/small/draft")
    page = browser.get(sent.location).text
    for words in ("/moi", "/photo", "/q: text → int", "/q: “Q” → “Hoi”", "F224", "F225", "2-thu-"):
        assert words in page
    assert listed(client, f"{key_path}/formList") == {"small": "1"}, "nobody gets it before it is released"
    assert "2-thu-" in browser.get("/admin/forms").text
    version = trial_version("2", _published_later(office))
    stale = browser.post(sent.location, data={"decision": "release", "version": "2-thu-00000000"})
    assert stale.location == "/admin/forms/small/draft"
    done = browser.post(sent.location, data={"decision": "release", "version": version})
    assert (done.status_code, done.location) == (303, "/admin/forms")
    assert listed(client, f"{key_path}/formList") == {"small": "2"}
    gone = browser.get(sent.location)
    assert (gone.status_code, "F223" in gone.text) == (404, True)


def _published_later(office: Office) -> bytes:
    from forms.publish import publish as convert

    with office.app.app_context():
        form = forms.drafts(db.session())[0]
        return convert(form.source, form.source_name).xform


def test_the_page_discards_a_draft_and_gives_out_what_was_tried(
    office: Office, client: FlaskClient, officer_path: str
) -> None:
    made = draft(office)
    post(client, officer_path, interview(1, version=made.trial_version, answer="thử thôi"))
    browser = signed_in(office)
    assert "Biểu mẫu mới" in browser.get("/admin/forms/small/draft").text
    with browser.post("/admin/forms/small/trials.zip") as tried:
        content = tried.data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "thử thôi" in archive.read("small.csv").decode()
    data = {"decision": "discard", "version": made.trial_version}
    assert browser.post("/admin/forms/small/draft", data=data).status_code == 303
    assert listed(client, f"{officer_path}/trial/formList") == {}
    with office.app.app_context():
        assert [
            form.state
            for form in db.session().scalars(sa.select(FormVersion).where(FormVersion.form_id == "small"))
        ] == ["closed"]
    assert rows(office, TRIALS) == 1


def test_who_may_not_manage_forms_meets_no_draft_page(office: Office, officer: Added) -> None:
    draft(office)
    browser = signed_in(office, officer)
    for path in ("/admin/forms/small/draft", "/admin/forms/small/trials.zip"):
        assert browser.post(path).status_code == 403
    assert signed_in(office).get("/admin/forms/none/draft").status_code == 404
    bad = signed_in(office).post("/admin/forms/small/draft", data={"decision": "burn"})
    assert bad.location == "/admin/forms/small/draft"


def test_the_page_refuses_what_cannot_be_a_form_with_place_and_cure(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forms.publish.MAX_BYTES", 60_000)
    browser = signed_in(office)
    publish(office)
    for source, name, words in (
        (b"x" * 60_001, "a.md", ("F102", "lớn hơn")),
        (b"x", "a.xlsm", ("F104", "không có macro")),
        (b"| survey |\n| | type | name | label |\n| | txet | q | Q |\n", "a.md", ("survey, hàng 2", "txet")),
        (formula(), "a.xlsx", ("F105", "survey, hàng 2", "C2")),
        (archive_of("xl/worksheets/sheet1.xml", 30_000_000), "a.xlsx", ("F103",)),
        (archive_of("xl/vbaProject.bin", 10), "a.xlsx", ("F104",)),
        (small_form("1").replace(b"| Q ", b"| R "), "small.md", ("small",)),
    ):
        answer = send_form(browser, upload(source, name))
        assert 400 <= answer.status_code < 500
        assert all(word in answer.text for word in words), words
    answer = send_form(browser, upload(small_form("2"), **{"a?.png": b"x"}))
    assert (answer.status_code, "F222" in answer.text) == (422, True)


def formula() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("survey", 0)
    sheet.append(("type", "name", "label"))
    sheet.append(("text", "q", "=A1&A2"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive_of(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"0" * size)
    return out.getvalue()


def test_files_can_come_later_to_the_same_version(office: Office, client: FlaskClient, key_path: str) -> None:
    source = small_form("5").replace(
        b"| | image | photo | P         |", b"| | select_one_from_file a.csv | photo | P |"
    )
    browser = signed_in(office)
    page = send_form(browser, upload(source))
    assert "F220" in browser.get(page.location).text
    with office.app.app_context():
        version = forms.drafts(db.session())[0].version
    browser.post(page.location, data={"decision": "release", "version": version})
    assert "a.csv" not in client.get(f"{key_path}/forms/small/5/manifest").text
    again = send_form(browser, upload(source, **{"a.csv": b"name,label\n1,Mot\n", "them.png": b"x"}))
    assert (again.status_code, "F221" in again.text, "F220" in again.text) == (200, True, False)
    manifest = client.get(f"{key_path}/forms/small/5/manifest").text
    assert "a.csv" in manifest
    assert "them.png" in manifest
    assert client.get(f"{key_path}/forms/small/5/media/a.csv").data == b"name,label\n1,Mot\n"
    same = send_form(browser, upload(source, **{"a.csv": b"name,label\n1,Mot\n"}))
    assert same.status_code in (200, 303)


def test_audit_tells_every_step(office: Office) -> None:
    draft(office)
    in_store(office, lambda session: release_draft(session, "small", now=office.clock(), by=None))
    with office.app.app_context():
        lines = (
            db.session()
            .execute(sa.text("select action, details from audit where subject = 'small' order by id"))
            .all()
        )
    assert [line.action for line in lines] == ["form.draft", "form.publish"]
    assert json.loads(lines[0].details) == {"version": "2"}
