"""Administration: the office's own villages, publishing a form, what was set aside, the state of the system."""

from __future__ import annotations

import base64
import io
import re

from browser import Browser, said
from office import Office
from small_form import VERSION, interview, post, small_form

GOOD = "code,name,kind,ward_code,lat,lon,households\n05977.101,Nà Thử,thon,05977,21.84,106.76,50\n"
BAD = GOOD + "05977.102,Nà Sai,lang,05977,21.84,106.76,50\n"


def file(text: str, name: str = "thon.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode()), name


def carried(page: str) -> str:
    found = re.search(r'name="content" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_villages_are_previewed_then_loaded_and_the_practice_list_goes(admin: Browser) -> None:
    assert "Thôn Tập huấn 1" in said(admin.get("/admin/places"))
    preview = admin.post("/admin/places/preview", file=file(GOOD))
    assert preview.status_code == 200
    assert "Nà Thử" not in said(admin.get("/admin/places"))  # a preview changes nothing
    content = carried(preview.get_data(as_text=True))
    assert base64.b64decode(content).decode() == GOOD
    assert admin.post("/admin/places/load", content=content, name="thon.csv").status_code == 303
    page = said(admin.get("/admin/places"))
    assert "Thôn Nà Thử" in page
    assert "Thôn Tập huấn 1" not in page


def test_a_wrong_row_is_named_and_nothing_is_loaded(admin: Browser) -> None:
    admin.get("/admin/places")
    page = admin.post("/admin/places/preview", file=file(BAD))
    assert re.search(r"[Dd]òng 3", said(page))
    assert 'name="content"' not in page.get_data(as_text=True)  # nothing to load
    sent = base64.b64encode(BAD.encode()).decode()
    refused = admin.post("/admin/places/load", content=sent, name="thon.csv")
    assert (refused.status_code, "G190" in said(refused)) == (422, True)
    assert "Nà Thử" not in said(admin.get("/admin/places"))


def test_a_file_must_be_chosen_and_be_the_one_previewed(admin: Browser) -> None:
    admin.get("/admin/places")
    for address in ("/admin/places/preview", "/admin/places/load", "/admin/forms"):
        answer = admin.post(address)
        assert (answer.status_code, "P303" in said(answer)) == (400, True), address  # upload_missing
    changed = admin.post("/admin/places/load", mark="0" * 64, name="thon.csv", file=file(GOOD))
    assert (changed.status_code, "P304" in said(changed)) == (409, True)  # upload_changed
    broken = admin.post("/admin/places/load", content="không phải base64", name="thon.csv")
    assert (broken.status_code, "S101" in said(broken)) == (400, True)


def test_a_form_is_published_once_and_its_source_can_be_had(admin: Browser) -> None:
    admin.get("/admin/forms")
    sent = small_form().decode()
    assert admin.post("/admin/forms", form=file(sent, "nho.md")).status_code in (200, 303)
    draft = re.search(r'name="version" value="([^"]+)"', admin.get("/admin/forms/small/draft").text)
    assert draft
    released = admin.post("/admin/forms/small/draft", version=draft[1], decision="release")
    assert released.status_code == 303
    assert "small" in said(admin.get("/admin/forms"))
    assert admin.get("/admin/forms/small/1/source").data == small_form()
    assert b"<h:html" in admin.get("/admin/forms/small/1/form.xml").data
    again = admin.post("/admin/forms", form=file(sent.replace("Q ", "R "), "nho.md"))
    assert (again.status_code, "F190" in said(again)) == (409, True)


def test_a_broken_form_is_told_by_sheet_and_row(admin: Browser) -> None:
    admin.get("/admin/forms")
    answer = admin.post(
        "/admin/forms", form=file("| survey |\n| | type | name |\n| | khong_co | x |\n", "x.md")
    )
    assert answer.status_code >= 400
    assert re.search(r"\(F\d{3}\)", said(answer))
    assert "x.md" not in said(admin.get("/admin/forms"))


def test_what_was_refused_is_listed_and_can_be_had_byte_for_byte(office: Office, admin: Browser) -> None:
    sender = office.add("Người Gửi Lạ", "collaborator", "05977")
    path = sender.openrosa_url.removeprefix("http://127.0.0.1:8000")
    xml = interview(form_id="khong_co")
    assert post(office.app.test_client(), path, xml).status_code == 404
    page = admin.get("/admin/set-aside")
    assert "Người Gửi Lạ" in said(page)
    assert "S105" in said(page)
    link = re.search(r'href="(/admin/set-aside/[^"]+)"', page.get_data(as_text=True))
    assert link
    kept = admin.get(link[1])
    assert kept.data == xml
    assert kept.headers["Content-Disposition"].startswith("attachment")


def test_an_interview_of_an_unknown_version_is_kept_and_waits(office: Office, admin: Browser) -> None:
    admin.get("/admin/forms")
    admin.post("/admin/forms", form=file(small_form().decode(), "nho.md"))
    sender = office.add("Người Gửi Sớm", "collaborator", "05977")
    path = sender.openrosa_url.removeprefix("http://127.0.0.1:8000")
    answer = post(office.app.test_client(), path, interview(version="2"), headers=VERSION)
    assert answer.status_code in (201, 202)
    listed = admin.get("/submissions?state=held&round=all")
    link = re.search(r'href="(/submissions/[0-9a-f-]{36})"', listed.get_data(as_text=True))
    assert link, said(listed)
    assert "S108" in said(admin.get(link[1]))  # version_unknown


def test_the_system_page_says_how_it_is(admin: Browser, database_kind: str) -> None:
    page = said(admin.get("/admin/system"))
    assert "http://127.0.0.1:8000" in page
    assert {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database_kind] in page
