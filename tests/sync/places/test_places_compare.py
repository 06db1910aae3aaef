"""A new list beside the old one, and the gazetteer with it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from forms.problems import Problem
from sync.places.compare import adopt, compare
from sync.places.gazetteer import Gazetteer
from sync.places.history import carry
from sync.places.load import read_places
from sync.places.official import official, practice_villages
from sync.places.report import report
from sync.places.unit import Unit

MakeVillage = Callable[..., Unit]
HEADER = "code,name,kind,ward_code,lat,lon,households,valid_from,verified,merged_from\n"
BEFORE, AFTER = date(2026, 6, 1), date(2026, 9, 1)


@pytest.fixture
def old(make_village: MakeVillage) -> list[Unit]:
    return [
        make_village("05977.001", 21.80, 106.77, name="Thôn Nà Thử"),
        make_village("05977.002", 21.81, 106.77, name="Thôn Bản Thử"),
        make_village("05977.003", 21.82, 106.77, name="Khối Thử 3", kind="khoi"),
        make_village("05983.001", 21.80, 106.72, name="Thôn Nà Thử"),
    ]


def test_the_same_list_changes_nothing(old: list[Unit]) -> None:
    again = compare(old, [replace(unit, source="bản khác") for unit in old])
    assert len(again.unchanged) == 4
    data = again.as_data()
    assert data.pop("unchanged") == 4
    assert not any(data.values())


def test_what_a_new_list_changes(old: list[Unit], make_village: MakeVillage) -> None:
    new = [
        replace(old[0], name="Thôn Nà Thử Mới"),
        replace(old[1], lat=21.815),
        make_village("05977.004", 21.83, 106.77, name="Khối Thử 4"),
    ]
    told = compare(old, new)
    assert [pair.new.name for pair in told.renamed] == ["Thôn Nà Thử Mới"]
    assert [pair.new.code for pair in told.moved] == ["05977.002"]
    assert [unit.code for unit in told.added] == ["05977.004"]
    assert [unit.code for unit in told.removed] == ["05977.003"]
    assert told.conflicting == ()
    assert told.as_data()["removed"][0]["name"] == "Khối Thử 3"  # type: ignore[index]


def test_more_households_is_an_update(old: list[Unit]) -> None:
    told = compare(old, [replace(old[0], households=99)])
    assert [pair.new.households for pair in told.updated] == [99]


def test_a_code_that_means_another_village_conflicts(old: list[Unit], make_village: MakeVillage) -> None:
    elsewhere = replace(old[0], name="Thôn Hoàn Toàn Khác", lat=21.85)
    other_ward = replace(old[1], parent_code="05983")
    told = compare(old, [elsewhere, other_ward])
    assert [pair.new.code for pair in told.conflicting] == ["05977.001", "05977.002"]
    assert told.renamed == ()
    recoded = make_village("05977.901", 21.80, 106.77, name="thôn nà thử")
    assert [pair.old.code for pair in compare(old, [recoded]).conflicting] == ["05977.001"]


def test_a_supposed_merger_is_shown(old: list[Unit], make_village: MakeVillage) -> None:
    both = make_village("05977.010", 21.805, 106.77, name="Thôn Nà Thử - Bản Thử")
    told = compare(old, [both, old[2]])
    (merger,) = told.merged
    assert (merger.declared, [unit.code for unit in merger.old]) == (False, ["05977.001", "05977.002"])
    assert told.removed == ()


def _merged(places: Gazetteer) -> Gazetteer:
    text = HEADER + (
        "05977.010,Thôn Thử Chung,thon,05977,21.805,106.77,150,2026-07-01,primary,05977.001 05977.002\n"
        "05977.003,Khối Thử 3,khoi,05977,21.82,106.77,80,2026-07-01,primary,\n"
    )
    loaded = read_places(text.encode(), places)
    assert loaded.ok, [str(finding.problem) for finding in loaded.problems]
    told = compare(places.units, loaded.units, loaded.changes)
    assert [merger.declared for merger in told.merged] == [True]
    assert told.removed == ()
    return adopt(places, loaded)


def test_a_declared_merger_ends_the_old_villages_and_keeps_totals(old: list[Unit]) -> None:
    places = _merged(official().with_(units=[*official().units, *old]))
    assert [unit.code for unit in places.villages("05977", on=BEFORE)] == [
        "05977.001",
        "05977.002",
        "05977.003",
    ]
    assert [unit.code for unit in places.villages("05977", on=AFTER)] == ["05977.003", "05977.010"]
    assert [unit.code for unit in places.villages("05983", on=AFTER)] == ["05983.001"]
    counts = {"05977.001": 5, "05977.002": 6, "05977.003": 7}
    assert carry(places, counts, at=BEFORE, on=AFTER) == {"05977.003": 7, "05977.010": 11}
    assert places.get("05977.001", on=BEFORE).valid_to == date(2026, 6, 30)


def test_practice_villages_go_when_a_real_list_comes(old: list[Unit], practice: Gazetteer) -> None:
    assert any(unit.practice for unit in adopt(practice, report()).units)
    places = adopt(practice, report(units=old))
    assert not any(unit.practice for unit in places.units)
    assert compare(practice_villages(), old).removed == ()


def test_a_correction_takes_the_place_of_the_same_unit(old: list[Unit]) -> None:
    places = official().with_(units=[*official().units, *old])
    corrected = adopt(places, report(units=[replace(old[0], households=77)]))
    assert corrected.get("05977.001", on=AFTER).households == 77
    assert len(corrected.units) == len(places.units)
    assert corrected.version != places.version


def test_villages_that_a_later_list_leaves_out_end_only_when_asked(old: list[Unit]) -> None:
    places = official().with_(units=[*official().units, *old])
    later = report(units=[replace(old[0], valid_from=date(2026, 7, 1))])
    assert len(adopt(places, later).villages("05977", on=AFTER)) == 3
    ended = adopt(places, later, end_missing=True)
    assert [unit.code for unit in ended.villages("05977", on=AFTER)] == ["05977.001"]
    assert len(ended.villages("05977", on=BEFORE)) == 3
    assert len(ended.villages("05983", on=AFTER)) == 1


def test_an_earlier_list_cannot_overlap_a_later_one(old: list[Unit]) -> None:
    places = official().with_(units=[*official().units, replace(old[0], valid_from=date(2026, 7, 1))])
    with pytest.raises(Problem) as caught:
        adopt(places, report(units=[old[0]]))
    assert caught.value.kind.name == "unit_overlap"
