"""Records of one day read by the units of another: totals stay, codes that were given out again deceive nobody."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from sync.places.as_of import AsOf
from sync.places.gazetteer import Gazetteer
from sync.places.official import official
from sync.places.unit import Change, Unit

BEFORE, AFTER = date(2024, 6, 1), date(2026, 6, 1)
OLD = (
    "05971",
    "05974",
    "05977",
    "05980",
    "05983",
    "05986",
    "05989",
    "05992",
    "06187",
    "06226",
    "06235",
    "06244",
)


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    """The official units with a village in some old wards, one of the new arrangement, and a ward divided in 2030."""
    begin = date(2020, 1, 1)
    villages = [
        Unit("05980.001", "Khối Thử 1", "khoi", "village", "05980", begin),
        Unit("05992.001", "Thôn Thử 1", "thon", "village", "05992", begin),
        Unit("05977.001", "Khối Thử Vĩnh", "khoi", "village", "05977", begin, date(2026, 6, 30)),
        Unit("05977.010", "Khối Thử Chung", "khoi", "village", "05977", date(2026, 7, 1)),
        Unit("05983.001", "Thôn Thử Mới", "thon", "village", "05983", date(2025, 7, 1)),
    ]
    changes = [Change(date(2026, 7, 1), "merge", "05977.001", "05977.010")]
    return official().with_(units=[*official().units, *villages], changes=[*official().changes, *changes])


def test_old_wards_are_read_as_what_they_became(places: Gazetteer) -> None:
    now = AsOf(places, AFTER)
    assert now.place("05977", None, BEFORE) == ("05977", None)
    assert now.place("05980", "05980.001", BEFORE) == ("05977", "05980.001")
    assert now.place("05986", None, BEFORE) == ("05986", None)
    assert now.place("05974", None, BEFORE) == ("05986", None)


def test_new_wards_are_read_as_old_ones_by_their_villages_only(places: Gazetteer) -> None:
    then = AsOf(places, BEFORE)
    assert then.place("05977", "05980.001", AFTER) == ("05980", "05980.001")
    assert then.place("05977", "05992.001", AFTER) == ("05992", "05992.001")
    # Đông Kinh of today is not Vĩnh Trại, though it bears its code: nothing but the village could tell.
    assert then.place("05977", None, AFTER) == (None, None)
    assert then.place("05977", "05977.010", date(2026, 9, 1)) == ("05977", "05977.001")


def test_a_village_follows_its_merger(places: Gazetteer) -> None:
    assert AsOf(places, date(2026, 9, 1)).place("05977", "05977.001", BEFORE) == ("05977", "05977.010")
    assert AsOf(places, BEFORE).place("05983", "05983.001", AFTER) == (None, "05983.001")


def test_what_was_collected_on_the_same_day_reads_as_it_was(places: Gazetteer) -> None:
    for day in (BEFORE, AFTER):
        for ward in places.wards(on=day):
            assert AsOf(places, day).place(ward.code, None, day) == (ward.code, None)


def test_codes_nobody_knows_are_kept_as_written(places: Gazetteer) -> None:
    assert AsOf(places, AFTER).place("99999", "99999.001", BEFORE) == ("99999", "99999.001")
    assert AsOf(places, AFTER).place(None, None, None) == (None, None)
    assert AsOf(places, AFTER).place("05980", None, AFTER) == (None, None)


def test_totals_before_and_after_the_merger_are_equal(places: Gazetteer) -> None:
    chance = random.Random(1)
    counts = {ward: chance.randrange(1, 200) for ward in OLD}
    now = AsOf(places, AFTER)
    carried: Counter[str | None] = Counter()
    for ward, number in counts.items():
        carried[now.place(ward, None, BEFORE)[0]] += number
    assert sum(carried.values()) == sum(counts.values())
    assert set(carried) == {"05977", "05983", "05986", "06187"}
    assert carried["05977"] == counts["05977"] + counts["05980"] + counts["05992"]


def test_a_divided_ward_is_not_guessed(places: Gazetteer) -> None:
    day = date(2030, 1, 1)
    units = [unit if unit.key != ("05983", date(2025, 7, 1)) else _ended(unit, day) for unit in places.units]
    units += [
        Unit("05983", "Phường Thử Một", "phuong", "ward", "20", day),
        Unit("90001", "Phường Thử Hai", "phuong", "ward", "20", day),
    ]
    changes = [Change(day, "split", "05983", code) for code in ("05983", "90001")]
    split = places.with_(units=units, changes=[*places.changes, *changes])
    assert AsOf(split, date(2030, 6, 1)).place("05983", None, AFTER) == (None, None)


@pytest.mark.parametrize("on", [BEFORE, date(2025, 6, 30), date(2025, 7, 1), AFTER, date(2026, 9, 1)])
def test_a_database_is_asked_the_same_thing(places: Gazetteer, on: date) -> None:
    """The spans that become a condition hold exactly the records that ``place`` puts there."""
    chance = random.Random(2)
    villages = [None, "99999.001", *(unit.code for unit in places.units if unit.level == "village")]
    wards = [None, "99999", *{unit.code for unit in places.units if unit.level == "ward"}]
    eyes = AsOf(places, on)
    asked = {code: eyes.ward_spans(code) for code in wards if code}
    asked_villages = {code: eyes.village_spans(code) for code in villages if code}
    for _ in range(3000):
        ward, village = chance.choice(wards), chance.choice(villages)
        at = date(2024, 1, 1) + timedelta(days=chance.randrange(1200))
        found = eyes.place(ward, village, at)
        holding = [code for code, spans in asked.items() if any(s.holds(ward, village, at) for s in spans)]
        assert holding == ([found[0]] if found[0] else []), (ward, village, at)
        below = [
            code for code, spans in asked_villages.items() if any(s.holds(village, None, at) for s in spans)
        ]
        if village:
            assert below == ([found[1]] if found[1] else []), (village, at)


def _ended(unit: Unit, day: date) -> Unit:
    from dataclasses import replace

    return replace(unit, valid_to=day - timedelta(days=1))
