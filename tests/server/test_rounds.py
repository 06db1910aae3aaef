"""Rounds: opened with what is in force, assigned, followed, closed, compared; and what a phone fetches of the last."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.testing import FlaskClient
from office import Office
from small_form import post

from forms.problems import Problem
from server.access.rules import Who
from server.cli import main
from server.flows import rounds as flow
from server.flows.people import Added
from server.store import compare_rounds, round_progress
from server.store.base import Base, begin_writing, db

VILLAGE, OTHER = "05977.901", "05977.902"
OFFICER = Who("", "Cán Bộ Thử", "administrator")
Derive = Callable[[], int]


def act(office: Office, what: Callable[..., Any], *given: Any) -> Any:
    with office.app.app_context():
        begin_writing(db.session())
        found = what(db.session(), *given, by=None, now=office.clock())
        db.session.commit()
        return found


def next_round(office: Office, key: str = "2027") -> None:
    act(office, flow.close_round, "2026")
    office.clock.pass_(days=30)
    act(office, flow.open_round, flow.Wanted(key, "", date(2027, 1, 1), date(2027, 12, 31)))


def interview(
    client: FlaskClient,
    path: str,
    children: list[Any],
    number: int,
    key: int,
    update: bool = False,
    month: bytes = b"2026-10-",
) -> None:
    instance = f"uuid:{key:08}-0000-4000-8000-000000000000"
    xml = ls_cl.household(children, ward="05977", village=VILLAGE, number=number, instance_id=instance)
    xml = xml.replace(b"2026-10-", month)
    if update:
        xml = xml.replace(b'create="true" update="false"', b'update="1" baseVersion="1"')
    assert post(client, path, xml).status_code == 201


@pytest.fixture
def two_rounds(office: Office, client: FlaskClient, key_path: str, derive: Derive) -> Office:
    """Two households in the first round; in the second one of them: a child overworks now, another is new."""
    interview(client, key_path, [ls_cl.lawful_child(), ls_cl.idle_child()], 1, 1)
    interview(client, key_path, [ls_cl.child("Trẻ Năm", "1", (2014, 5, 5), grade="06")], 2, 2)
    derive()
    next_round(office)
    office.clock.pass_(days=30)
    worse = {**ls_cl.overworked_child(), "d1": "Trẻ Một"}
    third = ls_cl.child("Trẻ Sáu", "2", (2016, 6, 6), grade="05")
    interview(client, key_path, [worse, ls_cl.idle_child(), third], 1, 3, update=True, month=b"2027-01-")
    derive()
    return office


def test_a_round_freezes_what_is_in_force(office: Office, collaborator: Added) -> None:
    next_round(office)
    with office.app.app_context():
        made = flow.find(db.session(), "2027")
        assert (made.state, made.form_id, made.reference_rule) == ("open", "ls_cl", "seven_days_before")
        assert made.gazetteer_version
        lines = round_progress.by_village(db.session(), "2027", OFFICER)
    assert {line.code for line in lines} >= {VILLAGE, OTHER}
    assert next(line for line in lines if line.code == VILLAGE).registered == 64
    assert [line.people for line in lines if line.code == VILLAGE] == [[_person(office)]]
    assert next(line.people for line in lines if line.code.startswith("05983")) == []


def test_assigning_and_taking_back(office: Office, collaborator: Added) -> None:
    next_round(office)
    person = _person(office)
    for _ in range(2):
        act(office, flow.assign, "2027", person, "village", "05983.901")
    with office.app.app_context():
        (line,) = round_progress.by_person(db.session(), "2027", OFFICER)
        assert (line.villages, line.visited) == (4, 0)
    act(office, flow.unassign, "2027", person, "village", "05983.901")
    with pytest.raises(Problem) as told:
        act(office, flow.unassign, "2027", person, "village", "05983.901")
    assert told.value.kind.code == "R117"
    with pytest.raises(Problem) as told:
        act(office, flow.assign, "2027", person, "village", "99999.001")
    assert told.value.kind.name == "assignment_unknown"


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (flow.Wanted("Đợt 1", "", date(2027, 1, 1), date(2027, 2, 1)), "R111"),
        (flow.Wanted("2027", "", date(2027, 2, 1), date(2027, 1, 1)), "R112"),
        (flow.Wanted("2027", "", date(2027, 1, 1), date(2027, 2, 1), date(2026, 1, 1)), "R112"),
        (flow.Wanted("2026", "", date(2027, 1, 1), date(2027, 2, 1)), "R113"),
        (flow.Wanted("2027", "", date(2027, 1, 1), date(2027, 2, 1)), "R114"),
    ],
)
def test_a_round_that_cannot_be_opened(office: Office, wanted: flow.Wanted, problem: str) -> None:
    with pytest.raises(Problem) as told:
        act(office, flow.open_round, wanted)
    assert told.value.kind.code == problem


def test_closing_and_freezing_have_their_time(two_rounds: Office) -> None:
    with pytest.raises(Problem) as told:
        act(two_rounds, flow.close_round, "2026")
    assert told.value.kind.code == "R115"
    with pytest.raises(Problem) as told:
        act(two_rounds, flow.freeze_villages, "2027")
    assert told.value.kind.code == "R116"
    with pytest.raises(Problem) as told:
        act(two_rounds, flow.freeze_villages, "2026")
    assert told.value.kind.name == "round_not_open"
    with pytest.raises(Problem) as told:
        act(two_rounds, flow.close_round, "1999")
    assert told.value.kind.name == "round_unknown"


def test_the_first_round_is_frozen_when_the_list_is_there(office: Office) -> None:
    assert act(office, flow.freeze_villages, "2026") > 5


def test_progress_and_who_was_not_visited(two_rounds: Office) -> None:
    with two_rounds.app.app_context():
        session = db.session()
        line = next(one for one in round_progress.by_village(session, "2027", OFFICER) if one.code == VILLAGE)
        assert (line.visited, line.done, line.refused, line.left) == (1, 1, 0, 63)
        (walker,) = round_progress.by_person(session, "2027", OFFICER)
        assert (walker.visited, walker.done) == (1, 1)
        (waiting,) = round_progress.not_visited(session, "2027", OFFICER)
        assert waiting.number == 2
        elsewhere = Who("x", "Xa", "officer", ("06187",))
        assert round_progress.not_visited(session, "2027", elsewhere) == []
        assert all(one.ward == "06187" for one in round_progress.by_village(session, "2027", elsewhere))


def test_a_refusal_is_counted(office: Office, client: FlaskClient, key_path: str, derive: Derive) -> None:
    post(client, key_path, ls_cl.absent(ward="05977", village=VILLAGE, result="4"))
    derive()
    with office.app.app_context():
        (line,) = [one for one in round_progress.by_village(db.session(), "2026", OFFICER) if one.visited]
        assert (line.refused, line.done) == (1, 0)


def test_two_rounds_compared(two_rounds: Office) -> None:
    with two_rounds.app.app_context():
        found = compare_rounds.flows(db.session(), OFFICER, "2026", "2027")
        classes = compare_rounds.table(found, "class")
        assert classes["LAWFUL", "UNLAWFUL"] == 1
        assert classes["absent", "NOT_WORKING"] + classes["absent", "CHORES_ONLY"] == 1
        assert sum(n for (before, _), n in classes.items() if before == "absent") == 1
        assert sum(n for (_, after), n in classes.items() if after == "absent") == 1
        school = compare_rounds.table(found, "school")
        assert sum(school.values()) == sum(classes.values()) == 4
        assert compare_rounds.flows(db.session(), Who("x", "Xa", "officer", ("06187",)), "2026", "2027") == []


def test_pages(two_rounds: Office, client: FlaskClient) -> None:
    two_rounds.app.config["WTF_CSRF_ENABLED"] = False
    client.post("/sign-in", data={"name": "Quản trị", "password": "mat-khau-thu"})
    assert "Đợt khảo sát" in client.get("/rounds").get_data(as_text=True)
    page = client.get("/rounds/2027").get_data(as_text=True)
    assert "Thôn Tập huấn 1" in page
    assert "Hộ chưa đến" in page
    compared = client.get("/rounds/2026/compare/2027").get_data(as_text=True)
    assert "from=LAWFUL&amp;to=UNLAWFUL" in compared
    listed = client.get("/rounds/2026/compare/2027?table=class&from=LAWFUL&to=UNLAWFUL")
    assert "Trẻ Một" in listed.get_data(as_text=True)
    assert "Trẻ Sáu" not in listed.get_data(as_text=True)
    children = Base.metadata.tables["children"]
    with two_rounds.app.app_context():
        child = db.session.scalar(sa.select(children.c.id).where(children.c.name == "Trẻ Một"))
    line = client.get(f"/children/{child}").get_data(as_text=True)
    assert "Qua các đợt" in line
    assert "2027" in line
    person = _person(two_rounds)
    given = {"person": person, "village": "05983.901"}
    assert client.post("/rounds/2027/assignments", data=given).status_code == 303
    assert client.post("/rounds/2027/close").status_code == 303
    opened = {"id": "2028", "from": "2028-01-01", "to": "2028-12-31", "form": "ls_cl"}
    assert client.post("/rounds/open", data={**opened, "to": "hôm nay"}).status_code == 400
    assert client.post("/rounds/open", data=opened).status_code == 303
    assert client.post("/rounds/2028/freeze").status_code == 303


def test_a_phone_fetches_its_own_area_and_then_only_what_changed(
    two_rounds: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    near = two_rounds.add("Gần Thử", "collaborator", VILLAGE)
    far = two_rounds.add("Xa Thử", "collaborator", "06187")
    first = fetch(client, near)
    assert (first["full"], len(first["households"]), len(first["children"])) == (True, 2, 4)
    assert set(first["children"][0]) == {"id", "version", "label", "household_id", "properties"}
    assert {"household", "full_name", "sex", "birth_year", "status"} <= set(
        first["children"][0]["properties"]
    )
    assert {household["round"] for household in first["households"]} == {"2026", "2027"}
    for kept in ("class", "works", "school", "phone"):
        assert kept not in json.dumps(first)
    assert fetch(client, far)["children"] == []
    again = fetch(client, near, first["cursor"])
    assert (again["full"], again["households"], again["children"], again["gone"]) == (False, [], [], [])
    interview(client, key_path, [ls_cl.child("Trẻ Bảy", "1", (2015, 5, 5), grade="06")], 9, 9)
    derive()
    delta = fetch(client, near, again["cursor"])
    assert [child["properties"]["full_name"] for child in delta["children"]] == ["Trẻ Bảy"]
    foreign = fetch(client, far, delta["cursor"])
    assert foreign["full"] is True


def test_a_household_that_moved_is_gone_from_the_old_village(
    office: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    near = office.add("Gần Thử", "collaborator", VILLAGE)
    first = ls_cl.household([ls_cl.idle_child()], ward="05977", village=VILLAGE)
    post(client, key_path, first)
    derive()
    known = fetch(client, near)
    office.clock.pass_(hours=1)
    moved = first.replace(VILLAGE.encode(), OTHER.encode()).replace(b"instanceID>uuid:", b"instanceID>uuid:f")
    moved = moved.replace(b'create="1"', b'update="1" baseVersion="1"')
    assert post(client, key_path, moved).status_code == 201
    derive()
    delta = fetch(client, near, known["cursor"])
    assert delta["households"] == []
    assert [one["id"] for one in delta["gone"] if one["kind"] == "household"] == [
        known["households"][0]["id"]
    ]


def test_a_cursor_nobody_gave_is_refused(office: Office, client: FlaskClient) -> None:
    near = office.add("Gần Thử", "collaborator", VILLAGE)
    answer = client.get("/phone/changes?since=abc", headers=bearer(client, near))
    assert (answer.status_code, answer.json["problem"]["code"]) == (400, "R121")
    assert client.get("/phone/changes").status_code == 401


def test_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANGNON_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MANGNON_ADMIN_PASSWORD", "mat-khau-thu")

    def run(*arguments: str) -> Any:
        result = CliRunner().invoke(main, arguments)
        return json.loads(result.stdout or result.stderr)

    run("init", "--practice", "--json")
    (first,) = run("rounds", "list", "--json")
    assert (first["state"], first["villages"]) == ("open", 0)
    assert run("rounds", "freeze", first["id"], "--json")["villages"] > 5
    days = ("--from", "2027-01-01", "--to", "2027-06-30", "--deadline", "2027-07-15")
    assert run("rounds", "open", "2027", *days, "--json")["problem"]["code"] == "R114"
    assert run("rounds", "close", first["id"], "--json")["state"] == "closed"
    made = run("rounds", "open", "2027", *days, "--name", "Đợt thử", "--json")
    assert (made["name"], made["deadline"], made["form"]["form_id"]) == ("Đợt thử", "2027-07-15", "ls_cl")
    assert made["registered_households"] > 100
    run("people", "add", "Người Thử", "--role", "collaborator", "--area", "05983", "--json")
    given = run("rounds", "assign", "2027", "--person", "Người Thử", "--village", VILLAGE, "--json")
    assert given["assigned"] == 1
    assert [entry["id"] for entry in run("rounds", "list", "--json")] == ["2027", first["id"]]
    assert run("children", "search", "--json") == {"pairs": 0}
    rebuilt = run("rebuild", "--check", "--json")
    assert rebuilt["digest_before"] == rebuilt["digest_after"]


def _person(office: Office) -> str:
    people = Base.metadata.tables["people"]
    with office.app.app_context():
        query = sa.select(people.c.id).where(people.c.name == "Cộng Tác Viên Thử")
        return str(db.session.scalar(query))


def bearer(client: FlaskClient, person: Added) -> dict[str, str]:
    body = {"protocol": 1, "name": person.name, "password": person.password, "device_id": "thu"}
    token = client.post("/phone/api/sign-in", json=body).json["token"]
    return {"Authorization": f"Bearer {token}"}


def fetch(client: FlaskClient, person: Added, cursor: str = "") -> dict[str, Any]:
    answer = client.get(f"/phone/changes?since={cursor}", headers=bearer(client, person))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found
