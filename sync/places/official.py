"""The data that ships with the product: official units and mergers, and a practice list.

Each row says where it was read. Names of villages and boundaries of wards are not shipped: no public list
of them was found that may be given on, so the office imports its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import cast

from sync.places.gazetteer import Gazetteer
from sync.places.unit import Box, Change, ChangeType, Level, Unit


@dataclass(frozen=True, slots=True)
class LegalSource:
    """A legal act on which the lists rest."""

    id: str
    title: str
    date: date
    what: str


@cache
def official() -> Gazetteer:
    """The gazetteer of the official units, before any village is loaded."""
    return Gazetteer(official_units(), official_changes(), (), official_boxes())


@cache
def official_units() -> tuple[Unit, ...]:
    """Province, districts, and the wards before and from 1 July 2025."""
    return tuple(
        Unit(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            level=cast(Level, row["level"]),
            parent_code=row["parent_code"] or None,
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            verified="partial" if "confidence" in row["label"] else "primary",
            source=f"{row['source']} [{row['label']}]",
        )
        for row in shipped_rows("units")
    )


@cache
def official_changes() -> tuple[Change, ...]:
    """The mergers of 1 July 2025 and the end of the district level."""
    return tuple(
        Change(
            date=date.fromisoformat(row["date"]),
            type=cast(ChangeType, row["type"]),
            from_code=row["from_code"],
            to_code=row["to_code"] or None,
            note=row["note"],
            source=row["source"],
        )
        for row in shipped_rows("changes")
    )


@cache
def official_boxes() -> tuple[Box, ...]:
    """The sanity boxes, for warnings only."""
    return tuple(_boxes("boxes"))


def _boxes(name: str) -> Iterator[Box]:
    for row in shipped_rows(name):
        yield Box(
            row["code"],
            date.fromisoformat(row["valid_from"]),
            west=float(row["west"]),
            east=float(row["east"]),
            south=float(row["south"]),
            north=float(row["north"]),
            source=row["source"],
        )


@cache
def official_country() -> Box:
    """A generous rectangle around the country and its islands: what lies outside is a mistake."""
    return next(box for box in _boxes("country"))


@cache
def practice_villages() -> tuple[Unit, ...]:
    """Made-up villages to practise with, plainly named; they go when the office imports its own list."""
    begin = {unit.code: unit.valid_from for unit in official_units() if unit.valid_to is None}
    return tuple(
        Unit(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            level="village",
            parent_code=row["ward_code"],
            valid_from=begin[row["ward_code"]],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            households=int(row["households"]),
            practice=True,
            source="practice",
        )
        for row in shipped_rows("practice_villages")
    )


@cache
def legal_sources() -> tuple[LegalSource, ...]:
    """The acts on which the lists rest."""
    return tuple(
        LegalSource(row["id"], row["title"], date.fromisoformat(row["date"]), row["what"])
        for row in shipped_rows("sources")
    )


def shipped_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a shipped list, each as cells by column."""
    file = resources.files("sync.places") / "data" / f"{name}.csv"
    yield from csv.DictReader(file.read_text(encoding="utf-8").splitlines())


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
