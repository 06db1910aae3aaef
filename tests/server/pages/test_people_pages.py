"""People on the pages: adding, what is handed over once, new ways in, closing and opening an account again."""

from __future__ import annotations

import re

import pytest
from browser import OWN_PASSWORD, Browser, said, signed_in, stranger
from office import Office

SECRET = r"(?<=>)[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}(?=<)"


def add(browser: Browser, **form: str) -> str:
    browser.get("/people/add")
    answer = browser.post("/people/add", **({"role": "collaborator", "area": "05977"} | form))
    assert answer.status_code == 200, said(answer)
    return answer.get_data(as_text=True)


def person_of(browser: Browser, name: str) -> str:
    page = browser.get("/people?removed=1").get_data(as_text=True)
    found = re.search(rf'href="(/people/[0-9a-f-]{{36}})">{name}<', page)
    assert found, page
    return found[1]


def test_what_is_handed_over_works_and_is_shown_once(office: Office, admin: Browser) -> None:
    page = add(admin, name="Cộng Tác Viên Mới")
    password = re.search(SECRET, page)
    link = re.search(r"http://127\.0\.0\.1:8000/phone/#/vao/([\w-]+)", page)
    collect = re.search(r"http://127\.0\.0\.1:8000(/key/[\w-]+)", page)
    assert password
    assert link
    assert collect
    assert page.count('class="qr"') == 2
    phone = office.app.test_client()
    body = {"protocol": 1, "device_id": "may-thu", "key": link[1]}
    assert phone.post("/phone/api/sign-in", json=body).status_code == 200
    assert phone.get(f"{collect[1]}/formList").status_code == 200
    assert stranger(office).sign_in("Cộng Tác Viên Mới", password[0]).status_code == 303
    shown_later = admin.get(person_of(admin, "Cộng Tác Viên Mới")).get_data(as_text=True)
    for secret in (password[0], link[1], collect[1]):
        assert secret not in shown_later


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"name": "X", "area": "05977"}, 400, "P103"),
        ({"name": "Có: hai chấm", "area": "05977"}, 400, "P103"),
        ({"name": "quản  TRỊ", "area": "05977"}, 409, "P102"),
        ({"name": "Người Thử", "area": "05978"}, 400, "P104"),
        ({"name": "Người Thử"}, 400, "P105"),
        ({"name": "Người Thử", "role": "vua", "area": "05977"}, 400, "P101"),
    ],
)
def test_a_wrong_person_is_told_what_to_mend_and_not_added(
    admin: Browser, form: dict[str, str], status: int, code: str
) -> None:
    admin.get("/people/add")
    answer = admin.post("/people/add", **({"role": "collaborator"} | form))
    assert (answer.status_code, code in said(answer)) == (status, True)
    assert form["name"] in answer.get_data(as_text=True)  # what was typed is still there
    assert "1 người" in said(admin.get("/people"))


def test_a_whole_ward_makes_its_villages_superfluous(office: Office, admin: Browser) -> None:
    admin.get("/people/add")
    form = {"name": "Người Cả Phường", "role": "collaborator", "area": ["05977", "05977.901"]}
    assert admin.post("/people/add", **form).status_code == 200
    page = said(admin.get(person_of(admin, "Người Cả Phường")))
    assert "Phường Đông Kinh" in page
    assert "Thôn Tập huấn 1" not in page


def test_new_ways_in_for_someone_who_lost_theirs(office: Office, admin: Browser) -> None:
    officer = office.add("Cán Bộ Quên", "officer", "05977")
    browser = signed_in(office, officer)
    path = f"/people/{officer.id}"
    assert "/phone/#/vao/" in said(admin.post(f"{path}/link"))
    assert "/key/" in said(admin.post(f"{path}/collect"))
    fresh = re.search(SECRET, admin.post(f"{path}/password").get_data(as_text=True))
    assert fresh
    assert browser.get("/").status_code == 302  # the browser of the old password
    assert stranger(office).sign_in(officer.name, OWN_PASSWORD).status_code == 401
    assert stranger(office).sign_in(officer.name, fresh[0]).status_code == 303


def test_closing_an_account_is_asked_first_done_and_undone(office: Office, admin: Browser) -> None:
    officer = office.add("Cán Bộ Chuyển", "officer", "05977")
    browser = signed_in(office, officer)
    path = f"/people/{officer.id}"
    assert "Cán Bộ Chuyển" in said(admin.get(f"{path}/remove"))
    assert browser.get("/").status_code == 200  # asking changes nothing
    assert admin.post(f"{path}/remove").status_code == 303
    assert browser.get("/").status_code == 403
    for way in ("link", "collect", "password"):
        answer = admin.post(f"{path}/{way}")
        assert (answer.status_code, "P205" in said(answer)) == (403, True), way
    assert "Cán Bộ Chuyển" not in said(admin.get("/people"))
    assert admin.post(f"{path}/restore").status_code == 303
    assert stranger(office).sign_in(officer.name, OWN_PASSWORD).status_code == 303


def test_nobody_closes_the_own_account(admin: Browser) -> None:
    own = person_of(admin, "Quản trị")
    for answer in (admin.get(f"{own}/remove"), admin.post(f"{own}/remove")):
        assert (answer.status_code, "P302" in said(answer)) == (409, True)
    assert admin.get("/").status_code == 200


def test_an_officer_closes_no_colleague(office: Office, admin: Browser) -> None:
    colleague = office.add("Cán Bộ Cùng Phường", "officer", "05977")
    browser = signed_in(office, office.add("Cán Bộ Này", "officer", "05977"))
    answer = browser.post(f"/people/{colleague.id}/remove")
    assert (answer.status_code, "P206" in said(answer)) == (403, True)
