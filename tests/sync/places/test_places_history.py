"""Units over time: the code that was given out again, the merger both ways, totals before and after."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problems import Problem
from sync.places.arrangements import arrangement_of
from sync.places.authorities import shipped_authorities
from sync.places.gazetteer import Gazetteer
from sync.places.history import carry
from sync.places.official import (
    legal_sources,
    official,
    official_units,
    practice_villages,
)
from sync.places.unit import Change, Unit

OLD, LAST_OLD, NEW = date(2024, 10, 1), date(2025, 6, 30), date(2025, 7, 1)
NOW = date(2026, 9, 1)

MERGER = {
    "05977": {"05977", "05980", "05992", "06247"},
    "05983": {"05983", "05989"},
    "05986": {"05974", "05986"},
    "06187": {"05971", "06187", "06226", "06235", "06244"},
}


def test_one_code_names_two_wards() -> None:
    places = official()
    assert places.get("05977", on=LAST_OLD).name == "Phường Vĩnh Trại"
    assert places.get("05977", on=NEW).name == "Phường Đông Kinh"
    assert places.get("05980", on=LAST_OLD).name == "Phường Đông Kinh"
    assert places.find("05980", on=NEW) is None
    assert len({unit.key for unit in places.versions("05977")}) == 2


def test_a_code_used_twice_is_refused_without_a_day() -> None:
    with pytest.raises(Problem, match="Phường Vĩnh Trại / Phường Đông Kinh") as caught:
        official().only("05977")
    assert caught.value.kind.name == "code_needs_date"
    assert official().only("05980").name == "Phường Đông Kinh"
    with pytest.raises(Problem, match="99999"):
        official().only("99999")


def test_an_unknown_code_is_named() -> None:
    with pytest.raises(Problem, match="05980 on 2025-07-01") as caught:
        official().get("05980", on=NEW)
    assert caught.value.kind.name == "unit_unknown"


@pytest.mark.parametrize("new", sorted(MERGER))
def test_the_merger_of_2025_both_ways(new: str) -> None:
    places = official()
    back = places.as_of(places.get(new, on=NOW), OLD)
    assert {unit.code for unit in back} == MERGER[new]
    for unit in back:
        assert places.history.successors(unit) == (places.get(new, on=NOW),)
        assert places.translate(unit.code, at=OLD, on=NOW) == (places.get(new, on=NOW),)
        assert places.translate(unit.code, at=OLD, on=OLD) == (unit,)
    assert set(places.history.predecessors(places.get(new, on=NOW))) == set(back)


def test_all_thirteen_old_units_have_one_successor() -> None:
    old = [unit for unit in official_units() if unit.level == "ward" and unit.valid_to == LAST_OLD]
    assert len(old) == 13
    assert {len(official().as_of(unit, NOW)) for unit in old} == {1}


def test_the_district_level_has_gone() -> None:
    places = official()
    assert [unit.code for unit in places.ancestors("05977", on=OLD)] == ["178", "20"]
    assert [unit.code for unit in places.ancestors("05977", on=NOW)] == ["20"]
    assert [unit.code for unit in places.ancestors("06247", on=OLD)] == ["183", "20"]
    assert len(places.children("178", on=OLD)) == 8
    assert [unit.code for unit in places.wards(on=NOW)] == sorted(MERGER)
    assert places.as_of(places.get("178", on=OLD), NOW) == ()


OLD_CODES = sorted(code for codes in MERGER.values() for code in codes)


@given(st.dictionaries(st.sampled_from(OLD_CODES), st.integers(0, 10_000)))
def test_totals_before_and_after_the_merger_are_equal(counts: dict[str, int]) -> None:
    carried = carry(official(), counts, at=OLD, on=NOW)
    assert sum(carried.values()) == sum(counts.values())
    for new, codes in MERGER.items():
        assert carried.get(new, 0) == sum(counts.get(code, 0) for code in codes)


def test_counts_stay_where_nothing_happened() -> None:
    assert carry(official(), {"05977": 3}, at=OLD, on=LAST_OLD) == {"05977": 3}
    assert carry(official(), {"05977": 3, "20": 9}, at=NEW, on=NOW) == {"05977": 3, "20": 9}


def test_counts_do_not_go_back_in_time_nor_follow_an_abolished_level() -> None:
    for counts, at, on in (({"05977": 3}, NOW, OLD), ({"178": 3}, OLD, NOW)):
        with pytest.raises(Problem) as caught:
            carry(official(), counts, at=at, on=on)
        assert caught.value.kind.name == "unit_without_successor"


def _ward(code: str, begin: date, end: date | None = None) -> Unit:
    return Unit(code, f"Xã Thử {code}", "xa", "ward", None, begin, end)


def test_counts_of_a_divided_unit_are_refused() -> None:
    split = Gazetteer(
        [_ward("1", OLD, LAST_OLD), _ward("1", NEW), _ward("2", NEW)],
        [Change(NEW, "split", "1", "1"), Change(NEW, "split", "1", "2")],
    )
    assert [unit.code for unit in split.translate("1", at=OLD, on=NOW)] == ["1", "2"]
    moved = Gazetteer([_ward("1", OLD), _ward("2", OLD)], [Change(NEW, "boundary_move", "1", "2")])
    for places in (split, moved):
        with pytest.raises(Problem) as caught:
            carry(places, {"1": 5}, at=OLD, on=NOW)
        assert caught.value.kind.name == "unit_divided"
    assert carry(moved, {"2": 5}, at=OLD, on=NOW) == {"2": 5}
    assert carry(moved, {"1": 5}, at=NEW, on=NOW) == {"1": 5}


def test_history_follows_several_steps() -> None:
    later = date(2030, 1, 1)
    places = Gazetteer(
        [_ward("1", OLD, LAST_OLD), _ward("2", NEW, date(2029, 12, 31)), _ward("3", later)],
        [Change(NEW, "rename", "1", "2"), Change(later, "rename", "2", "3")],
    )
    assert carry(places, {"1": 7}, at=OLD, on=later) == {"3": 7}
    assert [unit.code for unit in places.as_of(places.only("3"), OLD)] == ["1"]


def test_a_code_that_comes_back_without_a_change_is_not_joined() -> None:
    places = Gazetteer([_ward("1", OLD, LAST_OLD), _ward("1", NEW)])
    with pytest.raises(Problem) as caught:
        carry(places, {"1": 5}, at=OLD, on=NOW)
    assert caught.value.kind.name == "unit_without_successor"


def test_a_village_keeps_its_old_ward_and_has_the_new_one() -> None:
    village = Unit("v1", "Thôn Thử", "thon", "village", "05974", date(2021, 1, 1))
    places = official().with_(units=[*official().units, village])
    assert [unit.code for unit in places.ancestors("v1", on=OLD)] == ["05974", "178", "20"]
    assert [unit.code for unit in places.ancestors("v1", on=NOW)] == ["05986", "20"]
    assert places.villages("05986", on=NOW) == (village,)
    assert places.villages("05986", on=OLD) == ()


def test_two_units_with_one_code_at_once_are_refused() -> None:
    with pytest.raises(Problem) as caught:
        Gazetteer([_ward("1", OLD), _ward("1", NEW)])
    assert caught.value.kind.name == "unit_overlap"


@pytest.mark.parametrize("change", [Change(NEW, "merge", "9", "1"), Change(NEW, "merge", "1", "9")])
def test_a_change_must_name_units_that_were(change: Change) -> None:
    with pytest.raises(Problem) as caught:
        Gazetteer([_ward("1", OLD)], [change])
    assert caught.value.kind.name == "change_without_unit"


def test_the_version_is_that_of_the_content() -> None:
    places = official()
    again = Gazetteer(reversed(places.units), reversed(places.changes), (), reversed(places.boxes))
    assert again.version == places.version
    assert places.with_(units=[*places.units, *practice_villages()]).version != places.version
    assert places.with_(changes=[]).version != places.version
    assert places.with_(boxes=[]).version != places.version


def test_the_version_of_outlines(drawn: Gazetteer) -> None:
    assert drawn.with_(outlines=drawn.outlines[:3]).version != drawn.version


def test_practice_villages_are_plainly_named_and_lie_in_their_boxes() -> None:
    boxes = {box.code: box for box in official().boxes}
    villages = practice_villages()
    assert {unit.parent_code for unit in villages} == set(MERGER)
    assert {unit.kind for unit in villages} == {"thon", "khoi", "to_dan_pho"}
    for unit in villages:
        assert "Tập huấn" in unit.name
        assert unit.practice
        assert unit.households
        assert unit.lat is not None
        assert unit.lon is not None
        assert boxes[str(unit.parent_code)].holds(unit.lat, unit.lon)


def test_every_official_row_says_where_it_was_read() -> None:
    assert all(unit.source for unit in official_units())
    assert all(change.source for change in official().changes)
    assert {source.id for source in legal_sources()} >= {"nq_1672_2025", "qd_19_2025"}


def test_reports_go_to_the_bodies_of_their_day() -> None:
    for kind, before, after in (
        ("child_protection", "so_ldtbxh", "so_y_te"),
        ("labour", "so_ldtbxh", "so_noi_vu"),
    ):
        for day, expected in ((date(2025, 2, 28), before), (date(2025, 3, 1), after), (NEW, after)):
            route = shipped_authorities().way(kind, on=day)
            bodies = shipped_authorities().on(day)
            assert expected in {step.to_authority for step in route}
            assert {step.from_authority for step in route} | {step.to_authority for step in route} <= set(
                bodies
            )
    assert shipped_authorities().way("child_protection", on=NOW)[0].from_authority == "ubnd_phuong_2025"
    assert "Bộ Y tế" in shipped_authorities().on(NOW)["bo_y_te"].name


def test_the_arrangement_of_a_village_follows_its_first_day() -> None:
    assert practice_villages()[0].arrangement == "truoc_2026_07"
    assert _ward("1", date(2026, 7, 1)).arrangement == "2026_07"


def test_arrangements_are_dated_data_without_gaps() -> None:
    assert arrangement_of(date(2026, 6, 30)) == "truoc_2026_07"
    assert arrangement_of(date(2026, 7, 1)) == "2026_07"
    assert arrangement_of(date.min) == "truoc_2026_07"
    assert arrangement_of(date.max) == "2026_07"
