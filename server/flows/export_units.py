"""The units of a workbook: those of its day, and those that its households were collected in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from exports.ministry.snapshot import Household
from exports.ministry.snapshot import Unit as ExportUnit
from server.access.rules import Who
from server.flows.area import wards_of
from sync.places.gazetteer import Gazetteer
from sync.places.unit import Key, Unit

EVERYONE = Who("", "mangnon", "administrator")  # the command line sees every ward


def export_units(
    places: Gazetteer, households: Iterable[Household], *, on: date, as_collected: bool, by: Who, today: date
) -> tuple[ExportUnit, ...]:
    """Wards and villages of the day in the area of today; as collected, the former ones that were visited too."""
    found: dict[Key, Unit] = {unit.key: unit for unit in _of_day(places, on, by, today)}
    if as_collected:
        for unit in _visited(places, households):
            found.setdefault(unit.key, unit)
    return tuple(_exported(unit) for unit in found.values())


def known(places: Gazetteer, code: str | None, on: date | None) -> str | None:
    """The code where it means a unit on that day; a code that no list knows leaves an empty cell, not a false one."""
    if code is None or on is None:
        return code
    return code if places.find(code, on=on) is not None else None


def _of_day(places: Gazetteer, on: date, by: Who, today: date) -> Iterable[Unit]:
    for ward, villages in wards_of(places, by, on=on, today=today):
        yield _counted(ward, villages)
        # A village of an older list stands under the ward that its own one has become.
        yield from (replace(unit, parent_code=ward.code) for unit in villages)


def _counted(ward: Unit, villages: Sequence[Unit]) -> Unit:
    """The ward with its registered households: its own number, else the sum of its villages if all are known."""
    parts = [unit.households for unit in villages]
    known = [count for count in parts if count is not None]
    whole = ward.households is None and bool(parts) and len(known) == len(parts)
    return replace(ward, households=sum(known)) if whole else ward


def _visited(places: Gazetteer, households: Iterable[Household]) -> Iterable[Unit]:
    collected = {(h.ward, h.village, h.interview_date) for h in households}
    for ward, village, at in collected:
        for code in (ward, village):
            unit = places.find(code, on=at) if code and at else None
            if unit is not None and at is not None:
                yield _counted(unit, places.villages(unit.code, on=at)) if unit.level == "ward" else unit


def _exported(unit: Unit) -> ExportUnit:
    return ExportUnit(
        code=unit.code,
        name=unit.name,
        level=unit.level,
        kind=unit.kind,
        parent_code=unit.parent_code,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        households=unit.households,
    )
