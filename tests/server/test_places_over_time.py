"""Lists of villages that follow one another, the archive tagged again, and every figure read as of a day."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from map_office import load, signed_in
from office import Office
from openpyxl import load_workbook
from small_form import post

from forms.problems import Problem
from server.flows import load_places, relocate
from server.flows.export_ministry import ministry_workbook
from server.flows.places import gazetteer
from server.flows.rebuild import rebuild_all
from server.store.audit import AuditLine
from server.store.base import db
from server.store.households import Visit
from server.store.past_places import PastPlace
from server.store.submissions import Derivation

HEADER = "code,name,kind,ward_code,lat,lon,households,valid_from,merged_from\n"
OLD_LIST = HEADER + (
    "05980.001,Khối Thử Một,khoi,05980,21.8500,106.7600,40,2020-01-01,\n"
    "05992.001,Thôn Thử Hai,thon,05992,21.8200,106.7700,30,2020-01-01,\n"
    "05977.001,Khối Thử Ba,khoi,05977,21.8400,106.7650,50,2020-01-01,\n"
)
NEW_LIST = HEADER + (
    "05977.010,Khối Thử Chung,khoi,05977,21.8450,106.7625,90,2026-07-01,05980.001 05977.001\n"
    "05992.001,Thôn Thử Hai,thon,05977,21.8200,106.7700,33,2026-07-01,\n"
)
VISITED = date(2024, 5, 6)


@pytest.fixture
def visited(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """Three households of 2024 in three wards that are one today, and one of this year."""
    load(office, OLD_LIST)
    for number, (ward, village) in enumerate(
        [("05980", "05980.001"), ("05992", "05992.001"), ("05977", "05977.001")], start=1
    ):
        children = [ls_cl.idle_child()] * number
        xml = ls_cl.household(children, number=number, ward=ward, village=village, interviewed=VISITED)
        assert post(client, key_path, xml).status_code in (201, 202)
    xml = ls_cl.household([ls_cl.idle_child()], number=9, ward="05977", village="05992.001")
    assert post(client, key_path, xml).status_code in (201, 202)
    assert derive() == 4
    return office


@pytest.fixture
def admin(visited: Office) -> FlaskClient:
    return signed_in(visited)


def test_a_later_list_ends_the_old_one_and_keeps_it(office: Office) -> None:
    load(office, OLD_LIST)
    seen = load(office, NEW_LIST, end_missing=True)
    told = seen.as_data()
    assert [entry["code"] for entry in told["added"]] == ["05977.010"]  # type: ignore[index, union-attr]
    with office.app.app_context():
        places = gazetteer(db.session())
        codes = [unit.code for unit in places.villages("05977", on=date(2026, 11, 24))]
        assert codes == ["05977.010", "05992.001"]
        assert places.get("05980.001", on=VISITED).valid_to == date(2026, 6, 30)
        assert [unit.code for unit in places.translate("05980.001", at=VISITED, on=date(2026, 8, 1))] == [
            "05977.010"
        ]


def test_one_code_for_two_villages_at_one_time_is_refused(office: Office) -> None:
    load(office, OLD_LIST)
    other = OLD_LIST.replace("Khối Thử Một", "Khối Khác Hẳn").replace("21.8500,106.7600", "21.8900,106.7900")
    with pytest.raises(Problem) as caught:
        load(office, other)
    assert isinstance(caught.value, load_places.PlacesRefused)
    assert caught.value.report.problems[0].problem.kind.name == "places_conflicting"
    with office.app.app_context():
        assert gazetteer(db.session()).get("05980.001", on=VISITED).name == "Khối Thử Một"


def test_a_village_of_an_old_list_belongs_to_the_ward_of_today(visited: Office) -> None:
    with visited.app.app_context():
        visit = db.session.scalars(sa.select(Visit).where(Visit.visited_on > date(2026, 1, 1))).one()
        assert visit.location["ward"] == "05977"
        assert "ward_mismatch" not in visit.location["flags"]
        assert db.session.get_one(Derivation, (visit.province_code, visit.submission_id)).problem is None


def run(office: Office, *, dry_run: bool) -> dict[str, Any]:
    with office.app.app_context():
        return relocate.relocate(now=office.clock(), dry_run=dry_run).as_data()


def tags(office: Office) -> list[tuple[Any, ...]]:
    with office.app.app_context():
        rows = db.session.execute(
            sa.select(Visit.ward_code, Visit.village_code, Visit.location, Visit.made_by).order_by(
                Visit.submission_id
            )
        )
        return [(row[0], row[1], json.dumps(row[2]), json.dumps(row[3])) for row in rows]


def test_nothing_is_tagged_again_while_the_list_stays(visited: Office) -> None:
    assert run(visited, dry_run=False)["changed"] == 0


def test_relocating_reports_per_unit_and_keeps_what_was_collected(visited: Office) -> None:
    before = tags(visited)
    load(visited, NEW_LIST, end_missing=True)
    dry = run(visited, dry_run=True)
    assert tags(visited) == before
    assert (dry["visits"], dry["changed"]) == (4, 4)
    assert [(unit["ward"], unit["village"], unit["visits"]) for unit in dry["units"]] == [
        ("05977", "05977.010", 2),
        ("05977", "05992.001", 2),
    ]
    assert run(visited, dry_run=False) == dry
    after = tags(visited)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert after != before
    with visited.app.app_context():
        kept = db.session.scalars(sa.select(PastPlace).order_by(PastPlace.submission_id)).all()
        assert [json.dumps(row.location) for row in kept] == [row[2] for row in before]
        assert db.session.scalar(sa.select(AuditLine.subject).where(AuditLine.action == "places.relocate"))
        assert rebuild_all(check=True).same
    assert run(visited, dry_run=False)["changed"] == 0


def test_earlier_tags_are_shown_beside_the_present_one(visited: Office, admin: FlaskClient) -> None:
    load(visited, NEW_LIST, end_missing=True)
    run(visited, dry_run=False)
    with visited.app.app_context():
        submission = db.session.scalar(sa.select(PastPlace.submission_id))
    assert "Lúc thu thập" in admin.get(f"/submissions/{submission}").get_data(as_text=True)


@pytest.mark.parametrize("on", ["", "2024-01-01", "2025-06-30", "2025-07-01", "2026-08-01"])
def test_totals_are_the_same_on_every_day(visited: Office, admin: FlaskClient, on: str) -> None:
    load(visited, NEW_LIST, end_missing=True)
    page = admin.get(f"/?on={on}").get_data(as_text=True)
    total = page.split('<tr class="total">')[1]
    assert ">4</a>" in total.split("overview.rate")[0]
    assert ">7</a>" in total


def test_lists_understand_a_ward_as_of_a_day(visited: Office, admin: FlaskClient) -> None:
    def count(**query: str) -> int:
        page = admin.get("/submissions", query_string=query).get_data(as_text=True)
        return page.count('href="/submissions/')

    assert count(ward="05977") == 4
    assert count(ward="05980") == 0
    assert count(ward="05977", on="2024-01-01") == 1
    assert count(ward="05980", on="2024-01-01") == 1
    assert count(ward="05992", on="2024-01-01") == 2
    load(visited, NEW_LIST, end_missing=True)
    assert count(village="05977.010") == 2
    assert admin.get("/children?ward=05977&village=05977.010").get_data(as_text=True).count("/children/") >= 4


def test_a_day_that_is_none_is_refused(admin: FlaskClient) -> None:
    answer = admin.get("/?on=30/06/2025")
    assert answer.status_code == 400
    assert "G301" in answer.get_data(as_text=True)


def test_the_workbook_can_be_asked_as_of_a_day(visited: Office, admin: FlaskClient) -> None:
    def wards(on: date | None) -> list[str]:
        with visited.app.app_context():
            made = ministry_workbook(
                db.session(), round_id=None, variant="identifiable", now=visited.clock(), by=None, on=on
            )
        book = load_workbook(io.BytesIO(made.content))
        cells = [str(cell.value) for row in book["02_Ho"].iter_rows() for cell in row]
        return [code for code in ("05977", "05980", "05992") if code in cells]

    assert "05980" in wards(date(2024, 1, 1))
    assert wards(date(2026, 11, 24)) == ["05977"]
    form = {"variant": "deidentified", "on": "2025-06-30"}
    answer = admin.post("/export/ministry.xlsx", data=form)
    assert answer.status_code == 200
    assert "2025-06-30" in answer.headers["Content-Disposition"]


def test_the_page_reports_before_anything_changes(visited: Office, admin: FlaskClient) -> None:
    sent = {"file": (io.BytesIO(NEW_LIST.encode()), "moi.csv"), "end_missing": "1"}
    page = admin.post("/admin/places/preview", data=sent).get_data(as_text=True)
    for words in ("Thêm mới", "Nhập lại thành một", "Khối Thử Chung", "Khối Thử Một"):
        assert words in page
    with visited.app.app_context():
        assert gazetteer(db.session()).find("05977.010", on=date(2026, 8, 1)) is None
