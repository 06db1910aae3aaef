"""Every list, map, export and report can be asked as of a day: totals stay, a day that is none has a coded answer."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import ls_cl
import pytest
from flask.testing import FlaskClient
from map_office import load, signed_in
from office import Office
from small_form import post

from server.flows import relocate

HEADER = "code,name,kind,ward_code,lat,lon,households,valid_from,merged_from\n"
OLD_LIST = HEADER + (
    "05980.001,Khối Thử Một,khoi,05980,21.8500,106.7600,40,2020-01-01,\n"
    "05992.001,Thôn Thử Hai,thon,05992,21.8200,106.7700,30,2020-01-01,\n"
)
NEW_LIST = HEADER + (
    "05977.010,Khối Thử Chung,khoi,05977,21.8450,106.7625,90,2026-07-01,05980.001 05992.001\n"
)
BEFORE = date(2024, 5, 6)
DAYS = ("2024-01-01", "2025-06-30", "2025-07-01", "2026-11-24")


@pytest.fixture
def merged(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """Five households of 2024 in two wards and villages that have become one."""
    load(office, OLD_LIST)
    for number in range(1, 6):
        ward = "05980" if number < 4 else "05992"
        xml = ls_cl.household(
            [ls_cl.lawful_child()], number=number, ward=ward, village=f"{ward}.001", interviewed=BEFORE
        )
        assert post(client, key_path, xml).status_code in (201, 202)
    assert derive() == 5
    load(office, NEW_LIST, end_missing=True)
    return office


@pytest.mark.parametrize("path", ["/", "/map", "/map/units.geojson", "/submissions", "/children"])
def test_every_page_takes_a_day_and_refuses_what_is_none(merged: Office, path: str) -> None:
    admin = signed_in(merged)
    for day in DAYS:
        assert admin.get(path, query_string={"on": day}).status_code == 200
    wrong = admin.get(path, query_string={"on": "31/12/2024"})
    assert wrong.status_code == 400
    assert "G301" in wrong.get_data(as_text=True)


def parts(admin: FlaskClient, day: str) -> Iterator[int]:
    answer = admin.get("/map", query_string={"on": day}).get_data(as_text=True)
    for row in answer.split('<tr class="group">')[1:]:
        yield int(row.split('data-label="Số">')[1].split("<")[0])


def test_the_map_counts_the_same_households_on_every_day(merged: Office) -> None:
    admin = signed_in(merged)
    assert {sum(parts(admin, day)) for day in DAYS} == {5}


def links(admin: FlaskClient, path: str, prefix: str, **query: str) -> set[str]:
    text = admin.get(path, query_string=query).get_data(as_text=True)
    return {piece.split('"')[0] for piece in text.split(f'href="{prefix}')[1:]}


@pytest.mark.parametrize(("path", "prefix"), [("/submissions", "/submissions/"), ("/children", "/children/")])
def test_the_lists_of_all_wards_add_up_to_the_whole_on_every_day(
    merged: Office, path: str, prefix: str
) -> None:
    admin = signed_in(merged)
    for day in DAYS:
        wards = ("05980", "05992", "05977")
        found = [links(admin, path, prefix, on=day, ward=ward) for ward in wards]
        assert [len(some) for some in found] == ([3, 2, 0] if day < "2025-07-01" else [0, 0, 5])
        assert len(set().union(*found)) == 5


def answers(admin: FlaskClient, **form: str) -> list[dict[str, str]]:
    with admin.post("/export/answers", data={"form": "ls_cl", "kind": "zip", **form}) as answer:
        assert answer.status_code == 200
        content = answer.data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("ls_cl.csv").decode("utf-8-sig"))))


def test_the_answers_of_a_form_name_the_units_of_a_day(merged: Office) -> None:
    admin = signed_in(merged)
    assert "ward_on" not in answers(admin)[0]
    then, now = answers(admin, on="2024-05-06"), answers(admin, on="2026-11-24")
    assert len(then) == len(now) == 5
    assert {row["ward_on:label"] for row in then} == {"Phường Đông Kinh", "Xã Mai Pha"}
    assert {(row["ward_on"], row["village_on"]) for row in now} == {("05977", "05977.010")}
    assert {row["units_on"] for row in now} == {"2026-11-24"}
    assert admin.post("/export/answers", data={"form": "ls_cl", "kind": "zip", "on": "x"}).status_code == 400


def test_the_report_shows_as_collected_beside_as_of_the_day(merged: Office) -> None:
    def report(on: date | None) -> dict[str, Any]:
        with merged.app.app_context():
            told: dict[str, Any] = relocate.relocate(now=merged.clock(), dry_run=True, on=on).as_data()
        assert json.loads(json.dumps(told)) == told
        return told

    (unit,) = report(None)["units"]
    assert (unit["ward"], unit["village"], unit["visits"]) == ("05977", "05977.010", 5)
    assert [
        (past["ward"], past["ward_name"], past["village"], past["visits"]) for past in unit["as_collected"]
    ] == [
        ("05980", "Phường Đông Kinh", "05980.001", 3),
        ("05992", "Xã Mai Pha", "05992.001", 2),
    ]
    old = report(date(2025, 6, 30))
    assert [(unit["ward"], unit["visits"]) for unit in old["units"]] == [("05980", 3), ("05992", 2)]
    for day in DAYS:
        told = report(date.fromisoformat(day))
        assert told["on"] == day
        assert sum(unit["visits"] for unit in told["units"]) == told["visits"] == 5
        assert sum(past["visits"] for unit in told["units"] for past in unit["as_collected"]) == 5
