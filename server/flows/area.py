"""A person's ground: the wards and villages of their area with everything that has become part of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

from server.access.rules import Ground, Who
from sync.places.as_of import AsOf
from sync.places.gazetteer import Gazetteer
from sync.places.unit import Unit


def reach(places: Gazetteer, person: Who, on: date) -> Who:
    """The same person with the villages of their wards named one by one, and their ground over the years."""
    if person.everywhere:
        return person
    codes = set(person.area)
    for ward in places.wards(on=on):
        if ward.code in codes:
            codes |= {village.code for village in places.villages(ward.code, on=on)}
    area = tuple(sorted(codes))
    return replace(person, area=area, ground=_ground(places, area, on))


@lru_cache(maxsize=64)
def _ground(places: Gazetteer, area: tuple[str, ...], on: date) -> Ground:
    """What a record must say, and when, to lie in the area as it is on that day."""
    eyes = AsOf(places, on)
    levels = {code: unit.level for code in area if (unit := places.find(code, on=on))}
    wards = [code for code in area if levels.get(code) != "village"]
    return Ground(
        tuple(span for code in wards for span in eyes.ward_spans(code)),
        eyes.spans_of_villages(frozenset(area) - frozenset(wards)),
    )


def wards_of(places: Gazetteer, person: Who, *, on: date, today: date) -> list[tuple[Unit, tuple[Unit, ...]]]:
    """Wards of a day with their villages, as far as they lie in the area, which is that of today."""
    now = AsOf(places, today)
    mine = set(person.area)
    found = []
    for ward in places.wards(on=on):
        villages = tuple(
            village
            for village in places.villages(ward.code, on=on)
            if person.everywhere or mine.intersection(now.place(ward.code, village.code, on))
        )
        if villages or person.everywhere or now.place(ward.code, None, on)[0] in mine:
            found.append((ward, villages))
    return found
