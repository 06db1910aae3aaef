"""A child counts once in a round, wherever it stands: overview, lists, map, comparison and workbook agree."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from browser import administrator
from flask.testing import FlaskClient
from office import Office
from openpyxl import load_workbook
from small_form import post

from server.access.rules import Who
from server.flows import same_child, shading
from server.flows.export_ministry import ministry_workbook
from server.flows.rebuild import rebuild_all
from server.store import compare_rounds, lists, overview
from server.store.base import Base, begin_writing, db
from server.store.lists import Search
from server.store.paging import Cursor

OLD, NEW = "05977.901", "05983.901"
OFFICER = Who("", "Cán Bộ Thử", "administrator")


@pytest.fixture
def moved(office: Office, client: FlaskClient, derive: Callable[[], int]) -> Office:
    """A child that overworks is met in its old household; days later it stands, idle, in another ward's household."""
    sender = office.add("Cộng Tác Viên Hai Phường", "collaborator", "05977", "05983")
    path = sender.openrosa_url.removeprefix("http://127.0.0.1:8000")
    grave = {**ls_cl.overworked_child(), "d1": "Nông Thị Thử"}
    calm = ls_cl.child("Nong Thi Thu", "2", (2013, 5, 6), grade="08")
    first = ls_cl.household([grave, ls_cl.idle_child()], ward="05977", village=OLD)
    second = ls_cl.household([calm], ward="05983", village=NEW, number=2, interviewed=date(2026, 10, 20))
    for xml in (second, first):  # the later interview arrives first
        assert post(client, path, xml).status_code == 201
        office.clock.pass_(minutes=1)
    derive()
    return office


def decide(office: Office, verdict: str) -> None:
    with office.app.app_context():
        begin_writing(db.session())
        people = Base.metadata.tables["people"]
        children = Base.metadata.tables["children"]
        officer = db.session.scalar(sa.select(people.c.id).where(people.c.role == "administrator"))
        a, b = db.session.scalars(sa.select(children.c.id).where(children.c.name_key == "nong thi thu"))
        same_child.decide_pair(
            db.session(),
            province="20",
            a=a,
            b=b,
            verdict=verdict,
            by=Who(str(officer), "Thử", "administrator"),
            now=office.clock(),
        )
        db.session.commit()
    office.clock.pass_(minutes=1)


def totals(office: Office) -> dict[str, int]:
    """How many children every way out tells of."""
    with office.app.app_context():
        session = db.session()
        found = {
            "overview": sum(entry.children for entry in overview.classes(session, "2026", OFFICER)),
            "number": lists.count_children(session, OFFICER, Search(round_id="2026")),
            "all rounds": lists.count_children(session, OFFICER, Search()),
            "list": len(lists.children(session, OFFICER, Search(round_id="2026"), cursor=Cursor()).rows),
            "comparison": len(compare_rounds.flows(session, OFFICER, "2026", "2026")),
            "workbook": len(workbook_children(office)),
        }
    admin = administrator(office)
    shown = admin.get("/map/units.geojson?by=UNLAWFUL").get_json()["features"]
    villages = [one["properties"] for one in shown if one["properties"]["level"] == "village"]
    return found | {"map": sum(one["whole"] or 0 for one in villages)}


def workbook_children(office: Office) -> list[dict[str, Any]]:
    made = ministry_workbook(
        db.session(), round_id="2026", variant="identifiable", now=office.clock(), by=None
    )
    sheet = load_workbook(io.BytesIO(made.content))["03_TreEm"]
    rows = list(sheet.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(rows) if "ma_tre" in row)
    return [
        dict(zip(map(str, rows[head]), row, strict=True))
        for row in rows[head + 1 :]
        if row[0] and not str(row[0]).startswith("Mã")
    ]


def test_totals_before_and_after_a_join_differ_by_one_and_come_back(
    moved: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shading, "_hidden", lambda *_: frozenset()
    )  # hiding small cells is another test's matter
    before = totals(moved)
    assert set(before.values()) == {3}
    decide(moved, "same")
    assert set(totals(moved).values()) == {2}
    with moved.app.app_context():
        assert rebuild_all(check=True).same
    decide(moved, "undone")
    assert totals(moved) == before


def test_the_newest_interview_counts_and_the_other_stays_on_the_page(moved: Office) -> None:
    decide(moved, "same")
    with moved.app.app_context():
        session = db.session()
        rows = lists.children(
            session, OFFICER, Search(round_id="2026", text="Nông Thị"), cursor=Cursor()
        ).rows
        assert [(row.village_code, row.unlawful) for row in rows] == [(NEW, False)]
        of_old_ward = Who("x", "Xa", "officer", ("05977",))
        assert lists.count_children(session, of_old_ward, Search(round_id="2026")) == 1
        child = rows[0].child_id
    page = administrator(moved).get(f"/children/{child}").get_data(as_text=True)
    assert page.count("UNLAWFUL") >= 1
    assert "Số liệu được tính thế nào" in administrator(moved).get("/children").get_data(as_text=True)


def test_a_child_keeps_its_code_in_the_workbooks_of_both_rounds(moved: Office) -> None:
    decide(moved, "same")
    with moved.app.app_context():
        children = Base.metadata.tables["children"]
        leader = db.session.scalar(
            sa.select(children.c.same_as).where(children.c.name_key == "nong thi thu").distinct()
        )
        assert leader in {row["ma_tre"] for row in workbook_children(moved)}


def test_one_record_in_two_households_of_a_round_counts_once(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    """The child took its identity along: the second household's interview names the same child."""
    first = ls_cl.household([ls_cl.idle_child("Trẻ Chuyển Nhà")], ward="05977", village=OLD)
    child = ls_cl.idle_child("Trẻ Chuyển Nhà")
    known = first.split(b"<child_id>")[1].split(b"</child_id>")[0] if b"<child_id>" in first else b""
    assert known
    second = ls_cl.household([child], ward="05977", village="05977.902", number=2)
    other = second.split(b"<child_id>")[1].split(b"</child_id>")[0]
    second = second.replace(other, known).replace(
        b'create="true" update="false"', b'update="1" baseVersion="1"'
    )
    for xml in (first, second):
        assert post(client, key_path, xml).status_code == 201
        office.clock.pass_(minutes=1)
    derive()
    with office.app.app_context():
        assert lists.count_children(db.session(), OFFICER, Search(round_id="2026")) == 1
        (row,) = workbook_children(office)
        assert row["ma_tre"] == known.decode()
