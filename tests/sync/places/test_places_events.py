"""Wards that are yet to be merged, split, renamed or moved: by a list, like villages."""

from __future__ import annotations

from datetime import date

import pytest

from sync.places.as_of import AsOf
from sync.places.compare import adopt, compare
from sync.places.gazetteer import Gazetteer
from sync.places.load import read_places
from sync.places.official import official

HEADER = "code,name,kind,ward_code,lat,lon,valid_from,merged_from,event\n"
NOW, THEN = date(2026, 6, 1), date(2030, 6, 1)


def loaded(rows: str) -> Gazetteer:
    places = official()
    report = read_places((HEADER + rows).encode(), places)
    assert report.ok, [str(finding.problem) for finding in report.problems]
    told = compare(places.units, report.units, report.changes, places)
    assert told.removed == ()
    return adopt(places, report)


def test_two_wards_are_merged() -> None:
    places = loaded("05977,Phường Thử Chung,phuong,20,,,2030-01-01,05977 05983,merge\n")
    assert [unit.code for unit in places.wards(on=THEN)] == ["05977", "05986", "06187"]
    assert AsOf(places, THEN).place("05983", None, NOW) == ("05977", None)
    assert places.get("05977", on=NOW).name == "Phường Đông Kinh"


def test_a_ward_is_split() -> None:
    places = loaded(
        "05977,Phường Thử Một,phuong,20,,,2030-01-01,05977,split\n"
        "90001,Phường Thử Hai,phuong,20,,,2030-01-01,05977,split\n"
    )
    reached = places.translate("05977", at=NOW, on=THEN)
    assert [unit.code for unit in reached] == ["05977", "90001"]
    assert AsOf(places, THEN).place("05977", None, NOW) == (None, None)


def test_a_ward_is_renamed() -> None:
    places = loaded("05977,Phường Tên Mới,phuong,20,,,2030-01-01,05977,rename\n")
    assert AsOf(places, THEN).place("05977", None, NOW) == ("05977", None)
    assert places.get("05977", on=THEN).name == "Phường Tên Mới"


def test_land_that_moves_divides_its_old_ward() -> None:
    places = loaded("05983,Phường Lương Văn Tri,phuong,20,,,2030-01-01,05977,boundary_move\n")
    assert [unit.code for unit in places.wards(on=THEN)] == ["05977", "05983", "05986", "06187"]
    assert AsOf(places, THEN).place("05977", None, NOW) == (None, None)
    assert AsOf(places, THEN).place("05983", None, NOW) == ("05983", None)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("05977,Phường Thử,phuong,20,,,,05977,merge", "place_date"),
        ("5977,Phường Thử,phuong,20,,,2030-01-01,05977,merge", "place_code"),
        ("05977,Phường Thử,phuong,77,,,2030-01-01,05977,merge", "place_ward_unknown"),
        ("05977,Phường Thử,phuong,20,,,2030-01-01,00001,merge", "place_merged_from"),
        ("05977,Phường Thử,phuong,20,,,2030-01-01,05977,explosion", "place_event"),
    ],
)
def test_wrong_rows(row: str, problem: str) -> None:
    report = read_places((HEADER + row + "\n").encode(), official())
    assert [finding.problem.kind.name for finding in report.problems] == [problem]
