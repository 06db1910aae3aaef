"""An officer of a ward of today sees all that has become part of it, by the day on which it was written; no more."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import ls_cl
import pytest
import sqlalchemy as sa
from browser import Browser, administrator, signed_in
from flask.testing import FlaskClient
from map_office import load
from office import Office
from openpyxl import load_workbook
from small_form import post

from server.access.rules import Ground, Who, may_see_place
from server.flows.area import reach, wards_of
from server.flows.export_ministry import ministry_workbook
from server.flows.places import gazetteer
from server.store import lists, overview, round_progress
from server.store.base import Base, db
from server.store.lists import Search

HEADER = "code,name,kind,ward_code,lat,lon,households,valid_from,merged_from\n"
VILLAGES = HEADER + (
    "05980.001,Khối Thử Một,khoi,05980,21.8500,106.7600,40,2020-01-01,\n"
    "05992.001,Thôn Thử Hai,thon,05992,21.8200,106.7700,30,2020-01-01,\n"
    "05977.001,Khối Thử Ba,khoi,05977,21.8400,106.7650,50,2020-01-01,\n"
    "05974.001,Khối Thử Tư,khoi,05974,21.8600,106.7500,50,2020-01-01,\n"
)
BEFORE, TODAY = date(2024, 5, 6), date(2026, 11, 24)
HOMES = (("05980", "05980.001"), ("05992", "05992.001"), ("05977", "05977.001"), ("05974", "05974.001"))


@pytest.fixture
def visited(office: Office, client: FlaskClient, derive: Callable[[], int]) -> Office:
    """Four households of 2024 in four wards of then; three of them lie in Đông Kinh (05977) today, one in 05986."""
    load(office, VILLAGES)
    sender = office.add("Cộng Tác Viên Mọi Nơi", "collaborator", "05977", "05986", "05983")
    path = sender.openrosa_url.removeprefix("http://127.0.0.1:8000")
    for number, (ward, village) in enumerate(HOMES, start=1):
        children = [ls_cl.idle_child(f"Trẻ {n}") for n in range(number)]
        xml = ls_cl.household(children, number=number, ward=ward, village=village, interviewed=BEFORE)
        assert post(client, path, xml).status_code in (201, 202)
    assert derive() == 4
    return office


def officer(office: Office, ward: str) -> Browser:
    return signed_in(office, office.add(f"Cán Bộ {ward}", "officer", ward))


def of_ward(ward: str) -> Who:
    """Somebody who answers for a ward as it is today."""
    known = db.session.scalar(sa.select(Base.metadata.tables["people"].c.id).limit(1))
    return reach(gazetteer(db.session()), Who(str(known), "Thử", "officer", (ward,)), TODAY)


def counted(office: Office, ward: str) -> tuple[int, int, int, int]:
    """Interviews, children, overview's children and the workbook's children as an officer of the ward has them."""
    with office.app.app_context():
        session = db.session()
        who = of_ward(ward)
        made = ministry_workbook(
            session, round_id="2026", variant="identifiable", now=office.clock(), by=who, on=TODAY
        )
        return (
            lists.count_submissions(session, who, Search()),
            lists.count_children(session, who, Search()),
            sum(entry.children for entry in overview.classes(session, "2026", who)),
            made.rows["03_TreEm"],
        )


def test_all_that_has_become_the_ward_is_seen_and_every_record_by_one_ward_only(visited: Office) -> None:
    assert counted(visited, "05977") == (3, 6, 6, 6)
    assert counted(visited, "05986") == (1, 4, 4, 4)
    assert counted(visited, "05983") == (0, 0, 0, 0)


def test_the_pages_show_what_lay_there_before_the_merger(visited: Office) -> None:
    here, there = officer(visited, "05977"), officer(visited, "05986")
    everywhere = administrator(visited)
    assert here.get("/submissions").get_data(as_text=True).count('href="/submissions/') == 3
    assert there.get("/submissions").get_data(as_text=True).count('href="/submissions/') == 1
    for address in ("/", "/?on=2024-05-06"):
        total = here.get(address).get_data(as_text=True).split('<tr class="total">')[1]
        assert ">3</a>" in total
        assert ">6</a>" in total
    then = here.get("/?on=2024-05-06").get_data(as_text=True)
    assert "Khối Thử Một" in then
    assert "Khối Thử Tư" not in then
    ids = [row["id"] for row in _rows(visited, "children")]
    open_to = [
        {browser.get(f"/children/{child}").status_code for child in ids}
        for browser in (here, there, everywhere)
    ]
    assert open_to == [{200, 404}, {200, 404}, {200}]


def test_the_map_and_the_not_visited_list_reach_back_too(visited: Office) -> None:
    shown = officer(visited, "05977").get("/map/units.geojson?by=coverage").get_json()["features"]
    points = [one["properties"] for one in shown if one["properties"]["level"] == "village"]
    assert sum(one["part"] or 0 for one in points) == 3
    with visited.app.app_context():
        session = db.session()
        who = of_ward("05977")
        assert len(round_progress.not_visited(session, "none", who)) == 3


def test_the_workbook_as_collected_names_the_wards_of_then(visited: Office) -> None:
    with visited.app.app_context():
        session = db.session()
        who = of_ward("05977")
        made = ministry_workbook(
            session, round_id="2026", variant="identifiable", now=visited.clock(), by=who, on=BEFORE
        )
    book = load_workbook(io.BytesIO(made.content))
    cells = {str(cell.value) for row in book["02_Ho"].iter_rows() for cell in row}
    assert {"05977", "05980", "05992"} <= cells
    assert "05974" not in cells


def test_a_code_that_was_given_out_again_deceives_nobody(visited: Office) -> None:
    with visited.app.app_context():
        places, who = gazetteer(db.session()), of_ward("05977")
    assert may_see_place(who, "05980", None, BEFORE)
    assert not may_see_place(who, "05980", None, TODAY)
    assert not may_see_place(who, "05974", "05974.001", BEFORE)
    assert [ward.code for ward, _ in wards_of(places, who, on=BEFORE, today=TODAY)] == [
        "05977",
        "05980",
        "05992",
        "06247",
    ]


def test_ground_that_holds_nothing_shows_nothing() -> None:
    assert not may_see_place(Who("x", "Thử", "officer", ("05977",), Ground()), "05977", None, TODAY)


def _rows(office: Office, name: str) -> list[dict[str, object]]:
    with office.app.app_context():
        return [dict(row._mapping) for row in db.session.execute(sa.select(Base.metadata.tables[name]))]
