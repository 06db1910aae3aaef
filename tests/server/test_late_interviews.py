"""An interview that arrives after its round was closed belongs to the round of its own day, and is shown as late."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
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
from server.flows import rounds as flow
from server.flows.export_ministry import ministry_workbook
from server.flows.rebuild import rebuild_all
from server.flows.round_of import Frame, round_of
from server.store import lists, overview
from server.store.base import Base, begin_writing, db
from server.store.lists import Search

VILLAGE = "05977.901"
OFFICER = Who("", "Cán Bộ Thử", "administrator")
FIRST = Frame(
    "2026", date(2026, 1, 1), date(2026, 10, 31), date(2026, 1, 5), date(2026, 11, 30), "ls_cl", "1.0"
)
NEXT = Frame("2027", date(2026, 12, 1), date(2027, 10, 31), date(2026, 12, 10), None, "ls_cl", "2.0")


@pytest.mark.parametrize(
    ("visited", "at_reception", "expected"),
    [
        (date(2026, 10, 12), "2027", "2026"),
        (date(2026, 11, 10), "2027", "2026"),
        (date(2026, 12, 3), None, "2027"),
        (date(2027, 1, 12), "2027", "2027"),
        (date(2024, 5, 6), "2027", "2027"),
        (date(2024, 5, 6), None, None),
        (date(2033, 1, 1), "2027", "2027"),
    ],
    ids=["late", "after the period, before the close", "before the opening", "in time", "no round's day",
         "no round at all", "a clock in the future"],
)  # fmt: skip
def test_the_day_of_the_interview_decides(
    visited: date, at_reception: str | None, expected: str | None
) -> None:
    found = round_of(
        (FIRST, NEXT),
        visited=visited,
        received=date(2027, 2, 1),
        at_reception=at_reception,
        form=("ls_cl", "1.0"),
    )
    assert found == expected


def test_where_periods_overlap_questionnaire_and_version_decide() -> None:
    other = replace(FIRST, id="khac", form_id="khac")
    newer = replace(FIRST, id="moi", form_version="2.0")
    days = {"visited": date(2026, 10, 12), "received": date(2026, 10, 12), "at_reception": None}
    assert round_of((FIRST, other, newer), form=("ls_cl", "1.0"), **days) == "2026"  # type: ignore[arg-type]
    assert round_of((FIRST, other, newer), form=("ls_cl", "2.0"), **days) == "moi"  # type: ignore[arg-type]
    assert round_of((FIRST, other, newer), form=("khac", "1"), **days) == "khac"  # type: ignore[arg-type]


def act(office: Office, what: Callable[..., Any], *given: Any) -> Any:
    with office.app.app_context():
        begin_writing(db.session())
        found = what(db.session(), *given, by=None, now=office.clock())
        db.session.commit()
        return found


@pytest.fixture
def late(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """One interview in time; the round closes, the next one opens; a phone that was away sends a second one."""
    in_time = ls_cl.household([ls_cl.lawful_child()], ward="05977", village=VILLAGE)
    assert post(client, key_path, in_time).status_code == 201
    derive()
    act(office, flow.close_round, "2026")
    office.clock.pass_(days=45)
    act(office, flow.open_round, flow.Wanted("2027", "", date(2027, 1, 1), date(2027, 12, 31)))
    behind = ls_cl.household([ls_cl.idle_child()], number=2, ward="05977", village=VILLAGE)
    assert post(client, key_path, behind).status_code == 201
    derive()
    return office


def test_it_counts_in_its_own_round_and_is_shown_as_late(late: Office, client: FlaskClient) -> None:
    with late.app.app_context():
        session = db.session()
        assert sum(entry.households for entry in overview.visits(session, "2026", OFFICER)) == 2
        assert overview.visits(session, "2027", OFFICER) == []
        assert overview.attention(session, "2026", OFFICER)["late"] == 1
        assert lists.count_submissions(session, OFFICER, Search(round_id="2026")) == 2
        assert lists.count_submissions(session, OFFICER, Search(round_id="2027")) == 0
        (sender,) = overview.senders(session, "2026", OFFICER).values()
        assert sender.submissions == 2
        assert rebuild_all(check=True).same
    admin = administrator(late)
    for address in ("/?round=2026", "/rounds/2026"):
        assert "1 phiếu đến sau khi đóng đợt" in admin.get(address).get_data(as_text=True)
    assert "sau khi đóng đợt" not in admin.get("/rounds/2027").get_data(as_text=True)
    listed = admin.get("/submissions?round=2026&state=late").get_data(as_text=True)
    assert listed.count("Đến muộn</span>") == 1
    with late.app.app_context():
        table = Base.metadata.tables["submissions"]
        newest = db.session.scalar(sa.select(table.c.id).order_by(table.c.received_at.desc()).limit(1))
    assert "đến sau khi đợt đã đóng" in admin.get(f"/submissions/{newest}").get_data(as_text=True)


@pytest.mark.parametrize(("round_id", "told"), [("2026", 1), ("2027", None)])
def test_the_workbook_of_a_closed_round_says_how_many_came_late(
    late: Office, round_id: str, told: int | None
) -> None:
    with late.app.app_context():
        made = ministry_workbook(
            db.session(), round_id=round_id, variant="identifiable", now=late.clock(), by=None
        )
    book = load_workbook(io.BytesIO(made.content))
    values = {row[0].value: row[2].value for row in book[book.sheetnames[0]].iter_rows()}
    assert values.get("phieu_den_muon") == told


def test_a_new_round_takes_in_what_came_before_it_was_opened(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    act(office, flow.close_round, "2026")
    office.clock.pass_(days=45)
    early = ls_cl.household([ls_cl.idle_child()], ward="05977", village=VILLAGE)
    early = early.replace(b"2026-10-", b"2027-01-")
    office.clock.pass_(days=5)
    assert post(client, key_path, early).status_code == 201
    derive()
    with office.app.app_context():
        assert overview.visits(db.session(), "2027", OFFICER) == []
    act(office, flow.open_round, flow.Wanted("2027", "", date(2027, 1, 1), date(2027, 12, 31)))
    with office.app.app_context():
        assert sum(entry.households for entry in overview.visits(db.session(), "2027", OFFICER)) == 1
        assert sum(entry.children for entry in overview.classes(db.session(), "2027", OFFICER)) == 1
        assert rebuild_all(check=True).same


def test_an_old_interview_that_arrives_late_replaces_no_newer_one(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    newer = ls_cl.household([ls_cl.overworked_child()], ward="05977", village=VILLAGE)
    older = ls_cl.household(
        [ls_cl.overworked_child()], ward="05977", village=VILLAGE, instance_id="uuid:cu-hon-0001"
    ).replace(b"2026-10-", b"2026-09-")
    older = older.replace(b'create="true" update="false"', b'update="1" baseVersion="1"')
    for xml in (newer, older):
        assert post(client, key_path, xml).status_code == 201
        office.clock.pass_(minutes=1)
    derive()
    with office.app.app_context():
        rows = lists.submissions(db.session(), OFFICER, Search(newest=True), cursor=lists.Cursor()).rows
        assert [row.visited_on for row in rows] == [date(2026, 10, 12)]
