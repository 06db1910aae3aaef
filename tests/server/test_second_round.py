"""The next round starts from the last: what phones are given, what an interview says of who was known, what follows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from map_office import load, signed_in
from office import Office
from small_form import post

from server.access.rules import Who
from server.flows import rounds, same_child
from server.flows.people import Added
from server.flows.rebuild import rebuild_all
from server.store import compare_rounds
from server.store.base import Base, begin_writing, db

VILLAGE, OTHER = "05977.901", "05977.902"
Derive = Callable[[], int]
OFFICER = Who("", "Cán Bộ Thử", "administrator")
HEADER = "code,name,kind,ward_code,lat,lon,households,valid_from,merged_from\n"
OLD_LIST = HEADER + (
    "05980.001,Khối Thử Một,khoi,05980,21.8500,106.7600,40,2020-01-01,\n"
    "05977.001,Khối Thử Ba,khoi,05977,21.8400,106.7650,50,2020-01-01,\n"
)
NEW_LIST = HEADER + "05977.010,Khối Thử Chung,khoi,05977,21.8450,106.7625,90,2026-07-01,05980.001 05977.001\n"
NAMES = ("Trẻ Một", "Trẻ Hai", "Trẻ Ba")


@pytest.fixture
def first(office: Office, client: FlaskClient, key_path: str, derive: Derive) -> Office:
    """A first round with one household of three children; the second is open."""
    children = [ls_cl.idle_child(name, (2017, 7, day)) for day, name in enumerate(NAMES, start=1)]
    assert post(client, key_path, ls_cl.household(children, village=VILLAGE, number=7)).status_code == 201
    derive()
    next_round(office)
    return office


def ids(office: Office) -> tuple[str, dict[str, str]]:
    (household,) = table(office, "households")
    return household["id"], {row["name"]: row["id"] for row in table(office, "children")}


def revisit(
    client: FlaskClient, path: str, household_id: str, rows: list[Any], *, key: int = 1, **changes: Any
) -> None:
    base = changes.pop("base", 1)
    xml = ls_cl.household(
        rows,
        village=VILLAGE,
        number=7,
        interviewed=date(2027, 1, 20),
        instance_id=f"uuid:{key:08}-0000-4000-8000-000000000000",
        changes={**ls_cl.known_household(household_id, base), **changes},
    )
    assert post(client, path, xml).status_code == 201


def listed(client: FlaskClient, path: str, name: str) -> list[dict[str, str]]:
    """An entity list as ODK Collect gets it by the shipped form's manifest."""
    got = client.get(f"{path}/forms/ls_cl/1.1/media/{name}.csv")
    assert got.status_code == 200
    return list(csv.DictReader(io.StringIO(got.get_data(as_text=True))))


def test_collect_and_the_app_are_given_the_same(first: Office, client: FlaskClient, key_path: str) -> None:
    person = first.add("Gần Thử", "collaborator", VILLAGE)
    told = fetch(client, person)
    manifest = client.get(f"{key_path}/forms/ls_cl/1.1/manifest").get_data(as_text=True)
    assert manifest.count('type="entityList"') == 2
    for kind, name in (("households", "household"), ("children", "child")):
        app = {one["id"]: {**one["properties"], "label": one["label"]} for one in told[kind]}
        collect = {
            row.pop("name"): {key: value for key, value in row.items() if key != "__version"}
            for row in listed(client, key_path, name)
        }
        assert app == collect
    work = client.get("/phone/api/work", headers=bearer(client, person)).json
    (form,) = work["forms"]
    assert {file["filename"] for file in form["media"]} == {"wards.csv", "villages.csv"}


def test_a_phone_holds_nothing_but_who_they_are(first: Office, client: FlaskClient) -> None:
    told = fetch(client, first.add("Gần Thử", "collaborator", VILLAGE))
    assert {key for one in told["households"] for key in one["properties"]} == {
        "ward",
        "village",
        "number",
        "head_name",
    }
    assert {key for one in told["children"] for key in one["properties"]} == {
        "household",
        "full_name",
        "sex",
        "birth_year",
        "birth_month",
        "birth_day",
        "status",
    }


def test_moved_died_and_a_wrong_entry_are_kept_and_not_judged(
    first: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    household, children = ids(first)
    rows = [ls_cl.known_child(children[name], 1, now=now) for name, now in zip(NAMES, "234", strict=True)]
    new = ls_cl.child("Trẻ Mới", "1", (2016, 5, 5), grade="05", d0_joined="1")
    revisit(client, key_path, household, [*rows, new])
    assert derive() == 1
    assert table(first, "derivations")[-1]["problem"] is None
    presence = {row["name"]: row["presence"] for row in table(first, "children")}
    assert presence == {"Trẻ Một": "moved", "Trẻ Hai": "died", "Trẻ Ba": "wrong", "Trẻ Mới": None}
    later = [row for row in table(first, "observations") if row["round_id"] == "2027"]
    assert [row["facts"]["joined"] for row in later] == ["from_outside"]
    assert len(table(first, "households")) == 1
    assert digest_is_kept(first)
    assert {row["full_name"]: row["status"] for row in listed(client, key_path, "child")} == {
        "Trẻ Một": "moved",
        "Trẻ Mới": "here",
    }


def test_rounds_beside_each_other_tell_who_moved_died_and_joined(
    first: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    household, children = ids(first)
    rows = [ls_cl.known_child(children[name], 1, now=now) for name, now in zip(NAMES, "23", strict=False)]
    new = ls_cl.child("Trẻ Mới", "1", (2016, 5, 5), grade="05", d0_joined="4")
    revisit(client, key_path, household, [*rows, new])
    derive()
    with first.app.app_context():
        flows = compare_rounds.flows(db.session(), OFFICER, "2026", "2027")
        cells = {flow.newest.name: flow.cell("school") for flow in flows}
    assert cells == {
        "Trẻ Một": ("yes", "moved"),
        "Trẻ Hai": ("yes", "died"),
        "Trẻ Ba": ("yes", "absent"),
        "Trẻ Mới": ("absent", "yes"),
    }
    assert next(flow.after.joined for flow in flows if flow.before is None and flow.after) == "missed"


def test_a_child_of_eighteen_has_grown_and_is_not_lost(
    first: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    household, children = ids(first)
    grown = {**ls_cl.child("Trẻ Một", "1", (2008, 1, 2)), "is_child": 0}
    revisit(client, key_path, household, [ls_cl.known_child(children["Trẻ Một"], 1, grown)])
    derive()
    assert [(row["child_id"], row["kind"]) for row in table(first, "departures")] == [
        (children["Trẻ Một"], "grown")
    ]


def test_a_child_that_moved_is_found_again_in_another_household(
    first: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    household, children = ids(first)
    revisit(client, key_path, household, [ls_cl.known_child(children["Trẻ Một"], 1, now="2")])
    derive()
    first.clock.pass_(hours=1)
    there = ls_cl.known_child(children["Trẻ Một"], 2, ls_cl.idle_child("Trẻ Một", (2017, 7, 1)))
    del there["d0"], there["d0_now"]
    there |= {"d0_joined": "2", "d0_from": children["Trẻ Một"]}
    other = ls_cl.household([there], village=OTHER, number=3, interviewed=date(2027, 1, 21))
    assert post(client, key_path, other).status_code == 201
    derive()
    (row,) = (row for row in table(first, "children") if row["name"] == "Trẻ Một")
    assert (row["id"], row["presence"], row["version"]) == (children["Trẻ Một"], "here", 3)
    assert row["household_id"] != household
    assert row["conflicts"] is None
    assert digest_is_kept(first)


def test_a_visit_that_meets_nobody_forgets_no_name(
    first: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    household, _ = ids(first)
    xml = ls_cl.absent(7, village=VILLAGE)
    created = xml[xml.index(b"<entity") : xml.index(b"><label>", xml.index(b"<entity"))]
    known = f'<entity dataset="household" id="{household}" update="1" baseVersion="1"'.encode()
    assert post(client, key_path, xml.replace(created, known)).status_code == 201
    derive()
    (row,) = table(first, "households")
    assert (row["head_name"], row["version"]) == ("Nguyễn Thị Thử", 2)


def test_two_phones_on_one_child_meet_where_they_agree_and_ask_where_they_clash(
    first: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    """Both started from the same list without a network; either order of arrival gives the same."""
    household, children = ids(first)
    one = ls_cl.known_child(children["Trẻ Một"], 1, ls_cl.idle_child("Trẻ Một Sửa", (2017, 7, 9)))
    two = ls_cl.known_child(children["Trẻ Một"], 1, ls_cl.idle_child("Trẻ Một", (2017, 7, 8)))
    revisit(client, key_path, household, [one], key=1)
    first.clock.pass_(hours=1)
    revisit(client, key_path, household, [two], key=2)
    derive()
    (row,) = (row for row in table(first, "children") if row["id"] == children["Trẻ Một"])
    assert row["name"] == "Trẻ Một Sửa"
    assert row["birth"] == "2017-07-01"
    assert sorted(value for _, value in row["conflicts"]["birth"]) == ["2017-07-08", "2017-07-09"]
    assert set(row["conflicts"]) == {"birth"}
    listed_again = {entry["name"]: entry for entry in listed(client, key_path, "child")}
    assert listed_again[children["Trẻ Một"]]["__version"] == "3"
    assert listed_again[children["Trẻ Một"]]["full_name"] == "Trẻ Một Sửa"


def test_pages_say_what_became_of_a_child_in_words(
    first: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    """Moved for one phone, dead for another: both words stand, an officer chooses."""
    household, children = ids(first)
    for key, now in enumerate("23", start=1):
        revisit(client, key_path, household, [ls_cl.known_child(children["Trẻ Một"], 1, now=now)], key=key)
    revisit(client, key_path, household, [ls_cl.known_child(children["Trẻ Hai"], 1, now="2")], key=3)
    derive()
    officer = signed_in(first)
    clashing = officer.get("/same-child").get_data(as_text=True)
    assert "Đã chuyển đi" in clashing
    assert "Đã mất" in clashing
    page = officer.get(f"/children/{children['Trẻ Hai']}").get_data(as_text=True)
    assert "Trẻ không được sàng lọc trong đợt đó" in page
    compared = officer.get("/rounds/2026/compare/2027?table=class&from=NOT_WORKING&to=moved")
    assert compared.status_code == 200
    assert "Đã chuyển đi" in compared.get_data(as_text=True)


def test_joined_records_are_given_once_where_the_child_lives_now(
    first: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    near, far = (
        first.add(name, "collaborator", code) for name, code in (("Gần Thử", VILLAGE), ("Bên Thử", OTHER))
    )
    first.clock.pass_(hours=1)
    twice = ls_cl.household(
        [ls_cl.idle_child("Trẻ Một", (2017, 7, 1))], village=OTHER, number=9, interviewed=date(2027, 1, 21)
    )
    assert post(client, key_path, twice).status_code == 201
    derive()
    before = {person.name: fetch(client, person) for person in (near, far)}
    a, b = (row["id"] for row in table(first, "children") if row["name"] == "Trẻ Một")
    join(first, a, b)
    here = fetch(client, near, before["Gần Thử"]["cursor"])
    there = fetch(client, far, before["Bên Thử"]["cursor"])
    assert (here["full"], there["full"]) == (False, False)
    assert [one["id"] for one in there["children"]] == [a]
    assert {"kind": "child", "id": a} in here["gone"] or a not in {
        one["id"] for one in before["Gần Thử"]["children"]
    }
    assert {one["id"] for one in fetch(client, near)["children"]}.isdisjoint({a, b})
    assert [row["name"] for row in listed(client, key_path, "child") if row["full_name"] == "Trẻ Một"] == [a]


def test_a_merged_ward_brings_what_was_collected_under_its_old_code(
    office: Office, client: FlaskClient, key_path: str, derive: Derive
) -> None:
    """Two blocks of two wards became one: its collaborator is given both blocks' households, by today's codes."""
    load(office, OLD_LIST)
    for number, code in enumerate(("05980", "05977"), start=1):
        xml = ls_cl.household(
            [ls_cl.idle_child()],
            number=number,
            ward=code,
            village=f"{code}.001",
            interviewed=date(2024, 5, 6),
        )
        assert post(client, key_path, xml).status_code in (201, 202)
    derive()
    load(office, NEW_LIST, end_missing=True)
    told = fetch(client, office.add("Mới Thử", "collaborator", "05977.010"))
    assert [one["properties"]["village"] for one in told["households"]] == ["05977.010"] * 2
    assert {one["properties"]["ward"] for one in told["households"]} == {"05977"}
    assert len(told["children"]) == 2
    other = fetch(client, office.add("Khác Thử", "collaborator", "05983"))
    assert (other["households"], other["children"]) == ([], [])


def next_round(office: Office) -> None:
    with office.app.app_context():
        begin_writing(db.session())
        rounds.close_round(db.session(), "2026", by=None, now=office.clock())
        office.clock.pass_(days=60)
        wanted = rounds.Wanted("2027", "", date(2027, 1, 1), date(2027, 12, 31))
        rounds.open_round(db.session(), wanted, by=None, now=office.clock())
        db.session.commit()


def table(office: Office, name: str) -> list[dict[str, Any]]:
    with office.app.app_context():
        made = Base.metadata.tables[name]
        rows = db.session.execute(sa.select(made).order_by(*made.primary_key.columns))
        return [dict(row._mapping) for row in rows]


def join(office: Office, a: str, b: str) -> None:
    with office.app.app_context():
        begin_writing(db.session())
        officer = db.session.execute(sa.select(Base.metadata.tables["people"].c.id)).scalars().first()
        by = Who(str(officer), "Thử", "administrator")
        same_child.decide_pair(
            db.session(), province="20", a=a, b=b, verdict="same", by=by, now=office.clock()
        )
        db.session.commit()


def digest_is_kept(office: Office) -> bool:
    with office.app.app_context():
        return bool(rebuild_all(check=True).same)


def bearer(client: FlaskClient, person: Added) -> dict[str, str]:
    body = {"protocol": 1, "name": person.name, "password": person.password, "device_id": "thu"}
    token = client.post("/phone/api/sign-in", json=body).json["token"]
    return {"Authorization": f"Bearer {token}"}


def fetch(client: FlaskClient, person: Added, cursor: str = "") -> dict[str, Any]:
    answer = client.get(f"/phone/changes?since={cursor}", headers=bearer(client, person))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found
