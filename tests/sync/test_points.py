"""A file of points: located in order, or refused with the line."""

from __future__ import annotations

from datetime import date

import pytest

from forms.problems import Problem
from sync.places.official import official, practice_villages
from sync.places.points import locate_all

PLACES = official()
PLACES = PLACES.with_(units=[*PLACES.units, *practice_villages()])
ON = date(2026, 11, 24)


def test_points_come_back_in_order_with_their_ids() -> None:
    village = practice_villages()[0]
    content = (
        f"id,lat,lon,accuracy,declared\na,{village.lat},{village.lon},5,{village.code}\nb,,,,\n".encode()
    )
    first, second = locate_all(PLACES, content, on=ON)
    assert (first["id"], first["village"], first["distance_m"]) == ("a", village.code, 0.0)
    assert (second["id"], second["flags"]) == ("b", ["no_gps"])


@pytest.mark.parametrize("content", [b"id,lat\n1,2\n", b"id,lat,lon\n1,x,2\n", b"\xff\xfe\x00"])
def test_wrong_files_are_refused(content: bytes) -> None:
    with pytest.raises(Problem) as caught:
        locate_all(PLACES, content, on=ON)
    assert caught.value.kind.name == "points_malformed"


ODD = {
    "nan,106.76,5,": ("position_invalid", ["no_gps"]),
    "91,200,5,": ("position_invalid", ["no_gps"]),
    "inf,106.76,5,": ("position_invalid", ["no_gps"]),
    "21.85,,5,": ("position_invalid", ["no_gps"]),
    "106.7622,21.8525,5,": ("position_swapped", ["no_gps"]),
    "0,0,5,": (None, ["no_gps"]),
    "21.8525,106.7622,-1,": ("accuracy_invalid", []),
    "21.8525,106.7622,5,99999.001": ("village_unknown", ["village_mismatch"]),
    "-17.0,179.9999,5,": (None, ["outside_area", "too_far"]),
    "-17.0,-179.9999,5,": (None, ["outside_area", "too_far"]),
}


def test_odd_points_give_a_row_each_and_stop_no_other() -> None:
    lines = [f"{number},{line}" for number, line in enumerate(ODD)]
    found = locate_all(PLACES, "\n".join(["id,lat,lon,accuracy,declared", *lines]).encode(), on=ON)
    assert [row["id"] for row in found] == [str(number) for number in range(len(ODD))]
    for row, (problem, flags) in zip(found, ODD.values(), strict=True):
        assert row.get("problem", {}).get("name") == problem, row  # type: ignore[attr-defined]
        assert set(flags) <= set(row["flags"]), row  # type: ignore[call-overload]
        if row["method"] != "declared":
            assert row["village"] is not None
            assert row["distance_m"] is not None


def test_the_antimeridian_is_no_cliff() -> None:
    """A degree of longitude from 179.9999 to -179.9999 is a step of metres, not around the world."""
    west, east = (
        locate_all(PLACES, f"id,lat,lon\n1,-17,{lon}\n".encode(), on=ON)[0]["distance_m"]
        for lon in ("179.9999", "-179.9999")
    )
    assert abs(west - east) < 30  # type: ignore[operator]


def test_a_declared_village_alone_gives_its_ward() -> None:
    village = practice_villages()[0]
    (row,) = locate_all(PLACES, f"id,lat,lon,declared\n1,,,{village.code}\n".encode(), on=ON)
    assert (row["method"], row["village"], row["ward"]) == ("declared", village.code, village.parent_code)
    assert row["flags"] == ["no_gps"]
