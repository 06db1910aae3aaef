"""Signing in and out of the officers' pages, one-time passwords, guesses, and forms that come from elsewhere."""

from __future__ import annotations

import pytest
from browser import OWN_PASSWORD, Browser, administrator, said, signed_in, stranger
from office import Office

from server.flows import people as people_flow
from server.store.base import begin_writing, db
from server.store.people import Person, who_is


def test_a_stranger_is_led_to_the_sign_in_and_back(office: Office) -> None:
    browser = stranger(office)
    answer = browser.get("/children?class=URGENT")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/children?class%3DURGENT"
    assert browser.get(answer.headers["Location"]).status_code == 200
    browser.post("/sign-in", name="Quản trị", password="mat-khau-thu", next="/children?class=URGENT")
    assert browser.get("/sign-in?next=/children").headers["Location"] == "/children"


@pytest.mark.parametrize("elsewhere", ["https://noi-khac.example/", "//noi-khac.example", "/\\noi-khac", "x"])
def test_signing_in_never_leads_to_another_host(office: Office, elsewhere: str) -> None:
    browser = stranger(office)
    browser.get("/sign-in")
    answer = browser.post("/sign-in", name="Quản trị", password="mat-khau-thu", next=elsewhere)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("name", ["Quản trị", "Không Có Ai"])
def test_a_wrong_name_and_a_wrong_password_look_the_same(office: Office, name: str) -> None:
    browser = stranger(office)
    browser.get("/sign-in")
    answer = browser.post("/sign-in", name=name, password="sai-roi-nhe")
    assert answer.status_code == 401
    assert "Tên hoặc mật khẩu chưa đúng." in said(answer)
    assert "P201" in said(answer)
    assert browser.get("/").status_code == 302


def test_guesses_are_slowed_and_the_right_password_waits_too(office: Office) -> None:
    name = office.add("Cán Bộ Bị Đoán", "officer", "05977")
    browser = stranger(office)
    browser.get("/sign-in")
    for _ in range(5):
        assert browser.post("/sign-in", name=name.name, password="sai-roi-nhe").status_code == 401
    slow = browser.post("/sign-in", name=name.name, password=name.password)
    assert slow.status_code == 429
    assert "P202" in said(slow)  # sign_in_slow
    office.clock.pass_(seconds=3)
    assert browser.post("/sign-in", name=name.name, password=name.password).status_code == 303


def test_a_one_time_password_opens_one_page_only(office: Office) -> None:
    officer = office.add("Cán Bộ Mới", "officer", "05977")
    browser = stranger(office)
    browser.sign_in(officer.name, officer.password)
    for path in ("/", "/children", "/people", "/account"):
        assert browser.get(path).headers["Location"] == "/account/password"
    assert browser.choose_password().headers["Location"] == "/"
    assert browser.get("/").status_code == 200
    again = stranger(office)
    assert again.sign_in(officer.name, officer.password).status_code == 401
    assert again.sign_in(officer.name, OWN_PASSWORD).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("new", "repeated", "code"),
    [("mat-khau-mot", "mat-khau-hai", "P301"), ("ngan", "ngan", "P208")],
    ids=["password_differs", "password_weak"],
)
def test_a_new_password_must_be_long_and_typed_twice(
    office: Office, new: str, repeated: str, code: str
) -> None:
    officer = office.add("Cán Bộ Đổi", "officer", "05977")
    browser = stranger(office)
    browser.sign_in(officer.name, officer.password)
    browser.get("/account/password")
    answer = browser.post("/account/password", new=new, again=repeated)
    assert answer.status_code == 400
    assert code in said(answer)
    assert browser.get("/").headers["Location"] == "/account/password"


def test_changing_the_password_asks_the_old_one_and_signs_other_browsers_out(office: Office) -> None:
    here, elsewhere = administrator(office), administrator(office)
    here.get("/account/password")
    wrong = here.post("/account/password", old="khong-phai", new=OWN_PASSWORD, again=OWN_PASSWORD)
    assert wrong.status_code == 401
    right = here.post("/account/password", old="mat-khau-thu", new=OWN_PASSWORD, again=OWN_PASSWORD)
    assert right.status_code == 303
    assert "Đã lưu mật khẩu" in said(here.get("/"))
    assert elsewhere.get("/").status_code == 302


def test_signing_out_ends_the_session_at_the_server_too(office: Office) -> None:
    browser = administrator(office)
    cookie = browser.client.get_cookie("mangnon")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert browser.post("/sign-out").status_code == 303
    browser.client.set_cookie("mangnon", cookie.value)
    assert browser.get("/").status_code == 302


def test_a_session_ends_after_its_hours(office: Office) -> None:
    browser = administrator(office)
    office.clock.pass_(hours=11)
    assert browser.get("/").status_code == 200
    office.clock.pass_(hours=2)
    assert browser.get("/").status_code == 302


def test_a_closed_account_is_told_so(office: Office) -> None:
    officer = office.add("Cán Bộ Nghỉ", "officer", "05977")
    browser = signed_in(office, officer)
    _close(office, officer.id)
    refused = browser.get("/")
    assert (refused.status_code, "P205" in said(refused)) == (403, True)  # person_removed
    again = stranger(office).sign_in(officer.name, OWN_PASSWORD)
    assert (again.status_code, "P205" in said(again)) == (403, True)


def test_a_collaborator_gets_the_way_to_the_phone_and_nothing_else(office: Office) -> None:
    collaborator = office.add("Cộng Tác Viên Web", "collaborator", "05977")
    browser = stranger(office)
    browser.sign_in(collaborator.name, collaborator.password)
    assert browser.choose_password().headers["Location"] == "/account"
    page = browser.get("/account")
    assert "/phone/" in page.get_data(as_text=True)
    assert browser.get("/").status_code == 403


@pytest.mark.parametrize("token", ["", "sai"])
def test_a_form_without_its_token_changes_nothing(office: Office, token: str) -> None:
    browser = administrator(office)
    answer = browser.post("/people/add", csrf_token=token, name="Kẻ Lạ", role="administrator")
    assert answer.status_code == 400
    assert "P207" in said(answer)  # form_expired
    assert "Kẻ Lạ" not in said(browser.get("/people"))


def test_the_language_is_chosen_before_signing_in_and_stays(office: Office) -> None:
    browser = stranger(office)
    assert '<html lang="vi">' in browser.get("/sign-in").get_data(as_text=True)
    assert browser.post("/language", language="en", next="/sign-in").headers["Location"] == "/sign-in"
    assert '<html lang="en">' in browser.get("/sign-in").get_data(as_text=True)
    assert browser.post("/language", language="fr").status_code == 400
    assert (
        browser.post("/language", language="vi", next="https://noi-khac.example").headers["Location"] == "/"
    )


def _close(office: Office, person_id: str) -> None:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        person = session.get_one(Person, person_id)
        people_flow.remove_person(session, person, by=who_is(session, person), now=office.clock())
        session.commit()


def test_every_answer_carries_the_rules_of_the_house(office: Office) -> None:
    browser: Browser = administrator(office)
    for path in ("/", "/khong-co", "/static/page.css", "/sign-in"):
        headers = browser.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
    assert browser.get("/children").headers["Cache-Control"] == "no-store"
