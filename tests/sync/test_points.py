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


@pytest.mark.parametrize(
    "content", [b"id,lat\n1,2\n", b"id,lat,lon\n1,x,2\n", b"\xff\xfe\x00", b"id,lat,lon\n1,nan,2\n"]
)
def test_wrong_files_are_refused(content: bytes) -> None:
    with pytest.raises(Problem) as caught:
        locate_all(PLACES, content, on=ON)
    assert caught.value.kind.name in ("points_malformed", "position_invalid")
