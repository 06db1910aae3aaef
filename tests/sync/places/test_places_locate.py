"""A position finds its village: every flag, every method, and the same answer as measuring all villages."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.problems import Problem
from sync.places.distance import metres
from sync.places.gazetteer import Gazetteer
from sync.places.locate import ENGINE, FLAGS, Limits, declared_unit, locate
from sync.places.nearest import Nearest
from sync.places.official import official
from sync.places.unit import Change, Outline, Unit

MakeVillage = Callable[..., Unit]
MakeVillages = Callable[[int, int], list[Unit]]

NOW = date(2026, 9, 1)
OLD = date(2024, 10, 1)
# PLACES_POINTS=10000 makes the long run.
POINTS = int(os.environ.get("PLACES_POINTS", "500"))


def test_the_keys_are_those_of_the_interface(practice: Gazetteer) -> None:
    found = locate(practice, lat=21.8204, lon=106.7656, accuracy=12, declared="05977.902", on=NOW)
    data = found.as_data()
    assert list(data)[:9] == [
        "ward",
        "village",
        "distance_m",
        "runner_up",
        "runner_up_m",
        "candidate_wards",
        "flags",
        "method",
        "gazetteer_version",
    ]
    assert (data["ward"], data["village"], data["runner_up"]) == ("05977", "05977.902", "05977.901")
    assert (data["flags"], data["method"], data["engine"]) == ([], "nearest", ENGINE)
    assert data["candidate_wards"] == ["05977"]
    assert data["gazetteer_version"] == practice.version
    assert data["distance_m"] == data["declared_m"] == pytest.approx(15.2, abs=0.1)


def test_an_outline_decides_the_ward_and_the_village_is_the_nearest_in_it(drawn: Gazetteer) -> None:
    # 05983.001 is nearer (0.6 km) than 05977.001 (2 km), but lies over the border.
    found = locate(drawn, lat=21.80, lon=106.781, on=NOW)
    assert (found.ward, found.village, found.method) == ("05977", "05977.001", "polygon+nearest")
    assert found.runner_up == "05977.002"
    assert found.candidate_wards == ("05977",)
    bare = locate(drawn.with_(outlines=[]), lat=21.80, lon=106.781, on=NOW)
    assert (bare.method, bare.village) == ("nearest", "05983.001")


def test_the_distance_is_geopy_on_the_ellipsoid(drawn: Gazetteer) -> None:
    found = locate(drawn, lat=21.81, lon=106.81, on=NOW)
    assert found.distance_m == geodesic((21.81, 106.81), (21.80, 106.80)).meters
    assert found.runner_up_m == geodesic((21.81, 106.81), (21.80, 106.83)).meters


def test_all_villages_of_the_ward_measured_give_the_same(
    make_villages: MakeVillages,
    squares: dict[str, tuple[float, float, float, float]],
    outlines: tuple[Outline, ...],
) -> None:
    villages = make_villages(3, 30)
    places = official().with_(units=[*official().units, *villages], outlines=outlines)
    chance = random.Random(11)
    for _ in range(POINTS):
        lat, lon = chance.uniform(21.76, 21.92), chance.uniform(106.70, 106.86)
        found = locate(places, lat=lat, lon=lon, on=NOW)
        ward = next(
            code for code, box in squares.items() if box[0] <= lon <= box[2] and box[1] <= lat <= box[3]
        )
        inside = [unit for unit in villages if unit.parent_code == ward]
        best = sorted((geodesic((lat, lon), (unit.lat, unit.lon)).meters, unit.code) for unit in inside)
        assert found.ward == ward
        assert (found.distance_m, found.village) == best[0]
        assert (found.runner_up_m, found.runner_up) == best[1]


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.integers(0, 10**6),
    st.sampled_from([2, 3, 40, 420]),
    st.sampled_from([0.0, 0.01, 1.0, 30.0]),
)
def test_the_shortlist_holds_the_nearest_anywhere_on_earth(
    make_village: MakeVillage, lat: float, lon: float, seed: int, number: int, spread: float
) -> None:
    chance = random.Random(seed)
    villages = [
        make_village(
            f"05977.{index:03d}",
            max(-90.0, min(90.0, lat + chance.uniform(-spread, spread))),
            max(-180.0, min(180.0, lon + chance.uniform(-spread, spread))),
        )
        for index in range(number)
    ]
    there_lat = max(-90.0, min(90.0, lat + chance.uniform(-spread, spread)))
    found = Nearest(villages).two(there_lat, lon)
    every = sorted((metres(there_lat, lon, u.lat or 0, u.lon or 0), u.code) for u in villages)
    if every[0][0] < 900_000:
        assert [(distance, unit.code) for unit, distance in found] == every[:2]
    else:
        assert found[0][1] == pytest.approx(every[0][0], rel=0.01)


def test_a_big_list_without_outlines_is_searched_by_a_tree(make_villages: MakeVillages) -> None:
    villages = make_villages(5, 110)
    index = Nearest(villages)
    chance = random.Random(2)
    for _ in range(60):
        lat, lon = chance.uniform(21.6, 22.1), chance.uniform(106.5, 107.1)
        every = sorted((metres(lat, lon, u.lat or 0, u.lon or 0), u.code) for u in villages)
        assert [(distance, unit.code) for unit, distance in index.two(lat, lon)] == every[:2]
        radius = chance.choice([10.0, 3000.0, 300_000.0])
        near = {code for distance, code in every if distance <= radius}
        assert {unit.code for unit in index.within(lat, lon, radius)} == near


@pytest.mark.parametrize(
    ("position", "flags", "method"),
    [
        ({"lat": 21.801, "lon": 106.80, "accuracy": 8, "declared": "05977.001"}, (), "polygon+nearest"),
        ({"lat": 21.801, "lon": 106.80, "declared": "05977.002"}, ("village_mismatch",), "polygon+nearest"),
        (
            {"lat": 21.801, "lon": 106.80, "declared": "05983.001"},
            ("ward_mismatch", "village_mismatch"),
            "polygon+nearest",
        ),
        ({"lat": 21.801, "lon": 106.80, "declared": "05977"}, (), "polygon+nearest"),
        ({"lat": 21.801, "lon": 106.80, "declared": "05983"}, ("ward_mismatch",), "polygon+nearest"),
        ({"lat": 21.801, "lon": 106.80, "accuracy": 150}, ("low_accuracy",), "polygon+nearest"),
        ({"lat": 21.80, "lon": 106.815, "accuracy": 5}, ("ambiguous",), "polygon+nearest"),
        ({"lat": 21.8301, "lon": 106.80}, ("too_far",), "polygon+nearest"),
        ({"lat": 21.0, "lon": 105.8}, ("outside_area", "too_far"), "nearest"),
        ({"lat": None, "lon": None, "declared": "05977.001"}, ("no_gps",), "declared"),
        ({"lat": None, "lon": None}, ("no_gps",), "declared"),
        ({"lat": 0.0, "lon": 0.0, "declared": "05977.001"}, ("no_gps",), "declared"),
    ],
)
def test_flags(
    drawn: Gazetteer, position: dict[str, float | str | None], flags: tuple[str, ...], method: str
) -> None:
    found = locate(drawn, on=NOW, **position)  # type: ignore[arg-type]
    # The middle between two villages is 1.5 km from both.
    assert found.flags == flags
    assert found.method == method
    assert set(found.flags) <= set(FLAGS)


def test_without_a_position_the_declared_village_is_all_there_is(drawn: Gazetteer) -> None:
    found = locate(drawn, lat=None, lon=None, declared="05977.002", on=NOW)
    assert (found.ward, found.village, found.distance_m) == ("05977", "05977.002", None)
    assert found.candidate_wards == ("05977",)
    nothing = locate(drawn, lat=None, lon=None, on=NOW)
    assert (nothing.ward, nothing.village, nothing.candidate_wards) == (None, None, ())


def test_outside_every_outline_the_nearest_village_is_still_given(drawn: Gazetteer) -> None:
    found = locate(drawn, lat=48.85, lon=2.35, accuracy=10, declared="05977.001", on=NOW)
    assert found.ward is None
    assert found.village is not None
    assert found.distance_m is not None
    assert found.distance_m > 8_000_000
    assert found.flags == ("outside_area", "village_mismatch", "too_far")
    just_out = locate(drawn, lat=21.80, lon=106.8601, accuracy=30, on=NOW)
    assert just_out.candidate_wards == ("05977",)
    assert "outside_area" in just_out.flags


@pytest.mark.parametrize(
    ("accuracy", "wards"),
    [
        (None, ("05977",)),
        (100, ("05977",)),
        (110, ("05977", "05983")),
        (1000, ("05977", "05983")),
        (4600, ("05977", "05983", "05986", "06187")),
    ],
)
def test_candidates_are_the_wards_within_the_accuracy(
    drawn: Gazetteer, accuracy: float | None, wards: tuple[str, ...]
) -> None:
    # 106.781 lies 103 m east of the border, 21.80 lies 4.4 km south of the other one.
    found = locate(drawn, lat=21.80, lon=106.781, accuracy=accuracy, on=NOW)
    assert found.candidate_wards == wards
    assert ("ambiguous" in found.flags) == (len(wards) > 1)
    assert found.ward == "05977"


def test_on_the_border_both_wards_are_candidates(drawn: Gazetteer) -> None:
    found = locate(drawn, lat=21.80, lon=106.78, on=NOW)
    assert found.candidate_wards == ("05977", "05983")
    assert found.ward == "05977"
    assert "ambiguous" in found.flags


def test_without_outlines_candidates_come_from_the_villages_that_may_be_nearest(practice: Gazetteer) -> None:
    lat, lon = 21.8290, 106.7450
    sharp = locate(practice, lat=lat, lon=lon, accuracy=10, on=NOW)
    blurred = locate(practice, lat=lat, lon=lon, accuracy=2000, on=NOW)
    assert sharp.candidate_wards == ("05977",)
    assert set(blurred.candidate_wards) > {"05977", "05983"}
    assert "ambiguous" in blurred.flags


def test_without_outlines_the_boxes_tell_what_lies_outside(practice: Gazetteer) -> None:
    assert "outside_area" in locate(practice, lat=21.0, lon=105.8, on=NOW).flags
    assert "outside_area" not in locate(practice, lat=21.85, lon=106.76, on=NOW).flags
    assert "outside_area" not in locate(practice.with_(boxes=[]), lat=21.0, lon=105.8, on=NOW).flags


def test_a_ward_without_villages_is_flagged(drawn: Gazetteer) -> None:
    found = locate(drawn, lat=21.85, lon=106.80, on=NOW)
    assert (found.ward, found.method) == ("06187", "nearest")
    assert found.village == "05977.001"
    assert "ambiguous" in found.flags


def test_where_some_wards_have_no_outline(drawn: Gazetteer) -> None:
    some = drawn.with_(
        outlines=[line for line in drawn.outlines if line.code in ("05983", "05986")],
    )
    found = locate(some, lat=21.82, lon=106.80, on=NOW)
    assert (found.ward, found.village, found.method) == ("05977", "05977.001", "nearest")
    assert found.flags == ("ambiguous",) + (("too_far",) if (found.distance_m or 0) > 3000 else ())
    assert "outside_area" in locate(some, lat=21.0, lon=105.8, on=NOW).flags


def test_villages_without_a_point_and_no_villages_at_all(
    make_village: MakeVillage, outlines: tuple[Outline, ...]
) -> None:
    empty = official().with_(outlines=outlines)
    found = locate(empty, lat=21.80, lon=106.80, on=NOW)
    assert (found.ward, found.village, found.distance_m) == ("05977", None, None)
    pointless = empty.with_(units=[*empty.units, make_village("05977.001", None, None)])
    found = locate(pointless, lat=21.80, lon=106.80, declared="05977.001", on=NOW)
    assert (found.village, found.declared_m) == (None, None)
    assert locate(official(), lat=21.80, lon=106.80, on=NOW).village is None


def test_one_village_has_no_runner_up(make_village: MakeVillage, outlines: tuple[Outline, ...]) -> None:
    one = official().with_(
        units=[*official().units, make_village("05977.001", 21.8, 106.8)], outlines=outlines
    )
    found = locate(one, lat=21.80, lon=106.80, accuracy=5, on=NOW)
    assert (found.distance_m, found.runner_up, found.runner_up_m) == (0.0, None, None)
    assert found.flags == ()


def test_two_villages_on_one_spot_are_ambiguous_and_the_lower_code_is_given(
    make_village: MakeVillage,
) -> None:
    twins = [make_village(f"05977.{number:03d}", 21.8, 106.8) for number in (2, 1)]
    found = locate(official().with_(units=[*official().units, *twins]), lat=21.81, lon=106.8, on=NOW)
    assert (found.village, found.runner_up) == ("05977.001", "05977.002")
    assert found.flags == ("ambiguous",)


def test_how_far_is_a_setting_and_blocks_of_a_town_are_smaller(drawn: Gazetteer) -> None:
    assert locate(drawn, lat=21.815, lon=106.80, on=NOW).flags == ()
    near = Limits(too_far_rural_m=500)
    assert locate(drawn, lat=21.815, lon=106.80, on=NOW, limits=near).flags == ("too_far",)
    blocks = [replace(unit, kind="khoi") if unit.level == "village" else unit for unit in drawn.units]
    assert locate(drawn.with_(units=blocks), lat=21.815, lon=106.80, on=NOW).flags == ("too_far",)


def test_the_day_decides_which_wards_there_are(drawn: Gazetteer) -> None:
    found = locate(drawn, lat=21.80, lon=106.80, on=OLD)
    assert (found.ward, found.village) == (None, None)
    with pytest.raises(Problem, match=r"05977\.001"):
        locate(drawn, lat=21.80, lon=106.80, declared="05977.001", on=OLD)


def test_the_code_of_an_older_list_follows_its_merger(make_village: MakeVillage, drawn: Gazetteer) -> None:
    begin = date(2026, 7, 1)
    ended = [
        replace(unit, valid_to=date(2026, 6, 30)) if unit.code.startswith("05977.") else unit
        for unit in drawn.units
    ]
    joined = replace(make_village("05977.101", 21.80, 106.81), valid_from=begin)
    changes = [Change(begin, "merge", code, "05977.101") for code in ("05977.001", "05977.002")]
    places = drawn.with_(units=[*ended, joined], changes=[*drawn.changes, *changes])
    found = locate(places, lat=21.80, lon=106.81, declared="05977.002", on=NOW)
    assert (found.village, found.declared, found.flags) == ("05977.101", "05977.101", ())
    before = locate(places, lat=21.80, lon=106.83, declared="05977.002", on=date(2026, 6, 1))
    assert (before.village, before.flags) == ("05977.002", ())


def test_a_declared_village_must_be_known_and_belong_to_the_ward(practice: Gazetteer) -> None:
    assert declared_unit(practice, "05977.901", on=NOW, ward="05977").name == "Thôn Tập huấn 1"
    for code in ("05977.999", "20", ""):
        with pytest.raises(Problem) as caught:
            declared_unit(practice, code, on=NOW)
        assert caught.value.kind.name == "village_unknown"
    with pytest.raises(Problem, match=r"05983\.901 does not belong to the ward 05977") as caught:
        declared_unit(practice, "05983.901", on=NOW, ward="05977")
    assert caught.value.kind.name == "village_of_other_ward"


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (math.nan, 106.0),
        (21.0, math.inf),
        (106.8, 21.8),
        (21.8, 181.0),
        (None, 106.8),
        (21.8, None),
        (-90.0001, 0.0),
    ],
)
def test_what_cannot_be_a_position_is_refused(
    practice: Gazetteer, lat: float | None, lon: float | None
) -> None:
    with pytest.raises(Problem) as caught:
        locate(practice, lat=lat, lon=lon, on=NOW)
    swapped = (lat, lon) == (106.8, 21.8)
    assert caught.value.kind.name == ("position_swapped" if swapped else "position_invalid")
    assert "21.8" not in str(caught.value)


@pytest.mark.parametrize("accuracy", [math.nan, math.inf, -1.0])
def test_what_cannot_be_an_accuracy_is_refused(practice: Gazetteer, accuracy: float) -> None:
    with pytest.raises(Problem) as caught:
        locate(practice, lat=21.8, lon=106.8, accuracy=accuracy, on=NOW)
    assert caught.value.kind.name == "accuracy_invalid"


@pytest.mark.parametrize("lat", [90.0, -90.0, 89.9999, 0.0])
@pytest.mark.parametrize("lon", [180.0, -180.0, 0.0001, 106.8])
@pytest.mark.parametrize("accuracy", [None, 0.0, 10.0, 1e7, 1e300])
def test_poles_and_the_date_line_do_not_matter(
    drawn: Gazetteer, practice: Gazetteer, lat: float, lon: float, accuracy: float | None
) -> None:
    for places in (drawn, practice):
        found = locate(places, lat=lat, lon=lon, accuracy=accuracy, on=NOW)
        assert found.village is not None
        assert {"outside_area", "too_far"} <= set(found.flags)


def test_wards_across_the_date_line(make_village: MakeVillage) -> None:
    units = [
        Unit("10001", "Xã Thử", "xa", "ward", None, date(2025, 7, 1)),
        replace(make_village("10001.001", 10.0, 179.999)),
        replace(make_village("10001.002", 10.0, -179.5)),
    ]
    found = locate(Gazetteer(units), lat=10.0, lon=-179.999, on=NOW)
    assert found.village == "10001.001"
    assert found.distance_m == pytest.approx(219.3, abs=0.5)
