"""A closed form: no phone lists it, what was begun is taken, and it can be opened again, by page and command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from browser import Browser, administrator, said
from click.testing import CliRunner
from commands import office_shell, problem_of, run
from flask.testing import FlaskClient
from kept import publish_small
from office import Office, Template
from small_form import interview, post, small_form

from forms.problems import Problem
from server.flows.close_form import close_form
from server.flows.people import Added
from server.flows.publish_form import publish_form
from server.flows.rounds import Wanted, close_round, open_round
from server.store.base import begin_writing, db
from server.store.rounds import open_round as current_round


@pytest.fixture
def admin(office: Office) -> Browser:
    publish_small(office)
    return administrator(office)


def listed(client: FlaskClient, path: str) -> bool:
    return "<formID>small</formID>" in client.get(f"{path}/formList?listAllVersions=true").text


def on_phone(client: FlaskClient, token: str) -> list[str]:
    answer = client.get("/phone/api/work", headers={"Authorization": f"Bearer {token}"})
    return [form["form_id"] for form in answer.get_json()["forms"]]


def phone_token(client: FlaskClient, person: Added) -> str:
    link = {"protocol": 1, "key": person.phone_link.rpartition("/")[2], "device_id": "may-thu"}
    return str(client.post("/phone/api/sign-in", json=link).get_json()["token"])


def test_closing_is_asked_first_done_and_undone_on_the_page(
    office: Office,
    admin: Browser,
    client: FlaskClient,
    key_path: str,
    collaborator: Added,
    derive: Callable[[], int],
) -> None:
    token = phone_token(client, collaborator)
    address = f"{key_path}/forms/small/1/form.xml"
    before = client.get(address)
    assert "/admin/forms/small" in admin.get("/admin/forms").text
    assert "Đang nhận" in said(admin.get("/admin/forms/small"))
    assert "Đóng biểu mẫu “Small”?" in said(admin.get("/admin/forms/small/close"))
    assert listed(client, key_path), "asking changes nothing"
    assert admin.post("/admin/forms/small/close").location == "/admin/forms/small"
    page = said(admin.get("/admin/forms/small"))
    assert "Đã đóng Small" in page
    assert "người đóng: Quản trị" in page
    assert "đang đóng" in said(admin.get("/admin/forms"))
    assert not listed(client, key_path)
    assert on_phone(client, token) == ["ls_cl"]
    # What was begun: the form and its manifest are still served, the interview is taken and read.
    assert client.get(address).data == before.data
    assert client.get(f"{key_path}/forms/small/1/manifest").status_code == 200
    assert post(client, key_path, interview(1)).status_code == 201
    assert derive() == 1
    assert admin.post("/admin/forms/small/open").status_code == 303
    assert listed(client, key_path)
    assert on_phone(client, token) == ["ls_cl", "small"]
    with office.app.app_context():
        lines = db.session.execute(sa.text("select action from audit where subject = 'small' order by id"))
        assert [line[0] for line in lines] == ["form.publish", "form.close", "form.open"]


def test_a_page_of_a_form_that_is_not_there(admin: Browser) -> None:
    for path in ("/admin/forms/none", "/admin/forms/none/close"):
        assert admin.get(path).status_code == 404
    for path in ("/admin/forms/none/open", "/admin/forms/none/close"):
        assert admin.post(path).status_code == 404


def test_the_page_says_when_the_open_round_asks_with_the_form(office: Office, admin: Browser) -> None:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        running = current_round(session)
        assert running is not None
        running.form_id = "small"
        session.commit()
        name = running.name
    assert name in said(admin.get("/admin/forms/small/close"))


def test_a_new_version_of_a_closed_form_stays_closed_and_says_so(
    office: Office, client: FlaskClient, key_path: str, admin: Browser
) -> None:
    admin.post("/admin/forms/small/close")
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        made = publish_form(session, small_form("2"), "small.md", {}, now=office.clock(), by=None)
        session.commit()
    assert "form_closed" in [problem.kind.name for problem in made.warnings]
    assert not listed(client, key_path)
    admin.post("/admin/forms/small/open")
    assert "<version>2</version>" in client.get(f"{key_path}/formList").text


def test_a_round_is_not_opened_with_a_closed_form(office: Office, admin: Browser) -> None:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        close_form(session, "small", now=office.clock(), by=None)
        running = current_round(session)
        assert running is not None
        close_round(session, running.id, by=None, now=office.clock())
        session.commit()
        day = office.clock().date()
        begin_writing(session)
        with pytest.raises(Problem) as told:
            open_round(
                session, Wanted("2027", "Đợt 2027", day, day, None, "small"), by=None, now=office.clock()
            )
        session.rollback()
    assert told.value.kind.name == "form_closed"
    page = admin.get("/rounds").text
    assert 'value="ls_cl"' in page
    assert 'value="small"' not in page


@pytest.fixture
def shell(
    template: Template, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    return office_shell(template, database_url, tmp_path, monkeypatch)


def test_closing_and_opening_by_command(shell: CliRunner) -> None:
    def states() -> set[str]:
        return {row["state"] for row in json.loads(run(shell, "forms", "list", "--json").stdout)}

    def told(*words: str) -> dict[str, object]:
        return dict(json.loads(run(shell, "forms", *words, "--json").stdout))

    assert told("close", "ls_cl") == {"form_id": "ls_cl", "state": "closed", "changed": True}
    assert told("close", "ls_cl")["changed"] is False
    assert states() == {"closed"}
    assert told("open", "ls_cl") == {"form_id": "ls_cl", "state": "open", "changed": True}
    assert states() == {"released"}
    for word in ("close", "open"):
        assert problem_of(run(shell, "forms", word, "none", "--json")) == "form_not_published"
    assert "Đã đóng ls_cl" in run(shell, "forms", "close", "ls_cl").stdout
