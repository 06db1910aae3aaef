"""The map: our own GeoJSON, small cells hidden, exact households only for those entitled, and told to the log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from map_office import load, signed_in
from office import Office
from small_form import post

from server.access import rules
from server.flows import shading
from server.store.audit import AuditLine
from server.store.base import db

STATIC = Path(__file__).parents[2] / "server/pages/static"
SQUARE = [[106.73, 21.76], [106.80, 21.76], [106.80, 21.86], [106.73, 21.86], [106.73, 21.76]]
OUTLINE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": "05977"},
            "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
        }
    ],
}


@pytest.fixture
def mapped(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """Five households with two children each in one village, one household in another; one gave no position."""
    load(office, json.dumps(OUTLINE), "ranh-gioi.geojson")
    for number in range(1, 6):
        children = [ls_cl.overworked_child(), ls_cl.lawful_child()]
        xml = ls_cl.household(children, number=number, ward="05977", village="05977.901")
        post(client, key_path, xml)
    lonely = ls_cl.household(
        [ls_cl.overworked_child()], number=6, ward="05977", village="05977.902", position=""
    )
    post(client, key_path, lonely)
    assert derive() == 6
    return office


def units(client: FlaskClient, **query: str) -> dict[str, dict[str, object]]:
    answer = client.get("/map/units.geojson", query_string=query)
    assert answer.content_type == "application/geo+json"
    return {feature["properties"]["code"]: feature for feature in answer.get_json()["features"]}


def test_coverage_counts_households(mapped: Office) -> None:
    found = units(signed_in(mapped))
    ward, village = found["05977"], found["05977.901"]
    assert ward["geometry"]["type"] == "Polygon"  # type: ignore[index]
    assert ward["properties"]["part"] == 6  # type: ignore[index]
    assert village["geometry"]["type"] == "Point"  # type: ignore[index]
    assert village["properties"]["part"] == 5  # type: ignore[index]


def test_small_cells_of_a_class_are_hidden(mapped: Office) -> None:
    found = units(signed_in(mapped), by="UNLAWFUL")
    lonely = found["05977.902"]["properties"]
    assert lonely["state"] == "hidden"  # type: ignore[index]
    assert lonely["part"] is None  # type: ignore[index]
    # Had only that one been hidden, the ward less the other village would give it away.
    shown = [found[code]["properties"]["state"] for code in ("05977", "05977.901")]  # type: ignore[index]
    assert "hidden" in shown
    page = signed_in(mapped).get("/map?by=UNLAWFUL").get_data(as_text=True)
    assert "ẩn (ít)" in page


def test_shading_is_plain_arithmetic() -> None:
    ward, villages = shading.of_class(
        [("a", "URGENT", 10), ("a", "LAWFUL", 30), ("b", "URGENT", 12), ("b", "OUT_OF_SCOPE", 9)], "URGENT"
    )
    assert (ward.part, ward.whole, ward.share) == (22, 52, 22 / 52)
    assert (villages["a"].part, villages["a"].whole) == (10, 40)
    assert villages["b"].share == 1.0
    few, each = shading.of_class([("a", "URGENT", 2), ("a", "LAWFUL", 30), ("b", "LAWFUL", 40)], "URGENT")
    assert few.state == each["a"].state == "hidden"
    assert shading.coverage(3, None).state == "unknown"


def test_exact_households_are_told_to_the_log(mapped: Office) -> None:
    answer = signed_in(mapped).get("/map/households.geojson")
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.get_json()["features"]) == 5
    with mapped.app.app_context():
        line = db.session.scalars(sa.select(AuditLine).where(AuditLine.action == "map.households")).one()
        assert line.details == {"rows": 5}
        assert db.session.scalar(sa.select(AuditLine.id).where(AuditLine.action == "map.view")) is None


def test_exact_households_need_the_right(mapped: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = signed_in(mapped)
    assert "show-points" in admin.get("/map").get_data(as_text=True)
    fewer = {**rules.RIGHTS, "administrator": rules.RIGHTS["administrator"] - {"see_positions"}}
    monkeypatch.setattr(rules, "RIGHTS", fewer)
    assert admin.get("/map/households.geojson").status_code == 403
    assert "show-points" not in admin.get("/map").get_data(as_text=True)


def test_a_collaborator_and_a_stranger_see_no_map(mapped: Office) -> None:
    added = mapped.people["Cộng Tác Viên Thử"]
    collaborator = signed_in(mapped, added.name, added.password)
    for path in ("/map", "/map/units.geojson", "/map/households.geojson"):
        assert collaborator.get(path).status_code in (302, 403)
        assert mapped.app.test_client().get(path).status_code in (302, 401)


def test_an_officer_sees_their_own_ward(mapped: Office) -> None:
    added = mapped.add("Cán Bộ Thử", "officer", "05983")
    officer = signed_in(mapped, added.name, added.password)
    with officer.session_transaction() as kept:
        kept.pop("password_once", None)
    answer = officer.get("/map/units.geojson")
    if answer.status_code == 200:
        codes = [feature["properties"]["code"] for feature in answer.get_json()["features"]]
        assert all(code.startswith("05983") for code in codes)


def test_the_map_can_be_asked_as_of_a_day(mapped: Office) -> None:
    assert "05980" not in units(signed_in(mapped), on="2026-11-24")
    page = signed_in(mapped).get("/map?on=2024-01-01").get_data(as_text=True)
    assert "Phường Vĩnh Trại" in page
    assert "01/01/2024" in page


def test_wrong_questions(mapped: Office) -> None:
    admin = signed_in(mapped)
    assert admin.get("/map?by=SOMETHING").status_code == 400
    assert admin.get("/map?on=yesterday").status_code == 400
    assert admin.get("/map?round=none").status_code == 404


def test_without_positions_the_page_says_what_to_do(office: Office) -> None:
    page = signed_in(office).get("/map?on=2024-01-01").get_data(as_text=True)
    assert "Chưa có gì để vẽ" in page
    assert "/admin/places" in page


def test_the_map_calls_no_outside_address() -> None:
    own = (STATIC / "map.js").read_text(encoding="utf-8")
    assert not re.search(r"https?://|tileLayer", own)
    licence = (STATIC / "leaflet/LICENSE").read_text(encoding="utf-8")
    assert "BSD 2-Clause" in licence
