"""The gazetteer: every unit that ever was, by code and date, with the changes between them and their
outlines.

A gazetteer never changes; ``with_`` gives another one. There is no way to look a code up without a day,
because the same code names different wards before and after 1 July 2025.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple
from datetime import date, timedelta
from functools import cached_property

from forms.problems import Problem
from sync.places.history import History
from sync.places.snapshot import Snapshot
from sync.places.unit import Box, Change, Key, Outline, Unit


class Gazetteer:
    """Units, changes, outlines and sanity boxes as one immutable whole."""

    def __init__(
        self,
        units: Iterable[Unit],
        changes: Iterable[Change] = (),
        outlines: Iterable[Outline] = (),
        boxes: Iterable[Box] = (),
    ) -> None:
        self.units = tuple(sorted(units, key=lambda unit: unit.key))
        self.changes = tuple(
            sorted(changes, key=lambda change: (change.date, change.from_code, change.to_code or ""))
        )
        self.outlines = tuple(sorted(outlines, key=lambda outline: outline.key))
        self.boxes = tuple(sorted(boxes, key=lambda box: box.key))
        self._versions = _by_code(self.units)
        self.history = History(self.changes, lambda code, on: self.find(code, on=on))
        self._turns = _turns(self.units)
        self._snapshots: dict[int, Snapshot] = {}

    def with_(
        self,
        *,
        units: Iterable[Unit] | None = None,
        changes: Iterable[Change] | None = None,
        outlines: Iterable[Outline] | None = None,
        boxes: Iterable[Box] | None = None,
    ) -> Gazetteer:
        """Another gazetteer, with these parts in place of its own."""
        return Gazetteer(
            self.units if units is None else units,
            self.changes if changes is None else changes,
            self.outlines if outlines is None else outlines,
            self.boxes if boxes is None else boxes,
        )

    @cached_property
    def version(self) -> str:
        """A digest of the content: equal content, equal version, in whatever order it was given."""
        digest = hashlib.sha256()
        for part in (self.units, self.changes, self.boxes):
            for row in part:
                digest.update(repr(_plain(astuple(row))).encode())
        for outline in self.outlines:
            digest.update(repr(_plain(outline.key)).encode() + outline.wkb())
        return digest.hexdigest()[:16]

    def find(self, code: str, *, on: date) -> Unit | None:
        """The unit that bore the code on that day, or None."""
        for unit in self._versions.get(code, ()):
            if unit.in_force(on):
                return unit
        return None

    def get(self, code: str, *, on: date) -> Unit:
        """The unit that bore the code on that day."""
        unit = self.find(code, on=on)
        if unit is None:
            raise Problem("unit_unknown", code=code, on=on)
        return unit

    def versions(self, code: str) -> tuple[Unit, ...]:
        """All the units that ever bore the code, oldest first."""
        return self._versions.get(code, ())

    def only(self, code: str) -> Unit:
        """The unit of a code that has had one meaning only; a code that was used again needs a date."""
        versions = self.versions(code)
        if not versions:
            raise Problem("unit_unknown", code=code, on="—")
        if len(versions) > 1:
            raise Problem("code_needs_date", code=code, names=" / ".join(unit.name for unit in versions))
        return versions[0]

    def on(self, day: date) -> Snapshot:
        """The gazetteer as it stands on that day."""
        turn = bisect_right(self._turns, day)
        if turn not in self._snapshots:
            self._snapshots[turn] = self._snapshot(day)
        return self._snapshots[turn]

    def _snapshot(self, day: date) -> Snapshot:
        known: dict[tuple[str | None, date], Unit | None] = {}

        def parent_of(unit: Unit) -> Unit | None:
            link = (unit.parent_code, unit.valid_from)
            if link not in known:
                known[link] = self.parent(unit, on=day)
            return known[link]

        units = [unit for unit in self.units if unit.in_force(day)]
        return Snapshot(units, self.outlines, self._boxes_on(day), parent_of)

    def _boxes_on(self, day: date) -> list[Box]:
        """The boxes of that day's wards; an old ward has those of the wards it became."""
        kept = {box.key: box for box in self.boxes}
        boxes: list[Box] = []
        for unit in self.units:
            if unit.level == "ward" and unit.in_force(day):
                boxes.extend(
                    Box(unit.code, unit.valid_from, box.west, box.east, box.south, box.north, box.source)
                    for box in self._boxes_of(unit, kept)
                )
        return boxes

    def _boxes_of(self, unit: Unit, kept: dict[Key, Box]) -> list[Box]:
        if unit.key in kept:
            return [kept[unit.key]]
        return [box for later in self.history.successors(unit) for box in self._boxes_of(later, kept)]

    def parent(self, unit: Unit, *, on: date) -> Unit | None:
        """The unit above on that day: the one it was given to, or what that one has become."""
        if unit.parent_code is None:
            return None
        first = self.find(unit.parent_code, on=unit.valid_from)
        reached = () if first is None else self.history.as_of(first, on)
        return reached[0] if len(reached) == 1 else None

    def children(self, code: str, *, on: date) -> tuple[Unit, ...]:
        """The units directly below on that day."""
        self.get(code, on=on)
        return self.on(on).children(code)

    def ancestors(self, code: str, *, on: date) -> tuple[Unit, ...]:
        """The units above on that day, nearest first."""
        above: list[Unit] = []
        unit: Unit | None = self.get(code, on=on)
        while unit is not None and (unit := self.on(on).parent(unit.code)) is not None:
            above.append(unit)
        return tuple(above)

    def wards(self, *, on: date) -> tuple[Unit, ...]:
        """The wards of that day."""
        return self.on(on).of_level("ward")

    def check_day(self, day: date) -> None:
        """Raise ``places_before_list`` where no ward is known on that day."""
        if not self.wards(on=day):
            raise Problem("places_before_list", on=day, first=self.first_day)

    @cached_property
    def first_day(self) -> date:
        """The first day on which a ward is known; the last of all days where there is none."""
        return min((unit.valid_from for unit in self.units if unit.level == "ward"), default=date.max)

    def villages(self, ward: str, *, on: date) -> tuple[Unit, ...]:
        """The villages and blocks of a ward on that day."""
        return tuple(unit for unit in self.children(ward, on=on) if unit.level == "village")

    def as_of(self, unit: Unit, on: date) -> tuple[Unit, ...]:
        """The units that hold this unit's ground on that day."""
        return self.history.as_of(unit, on)

    def translate(self, code: str, *, at: date, on: date) -> tuple[Unit, ...]:
        """What a code that was written on the day ``at`` means on the day ``on``."""
        return self.as_of(self.get(code, on=at), on)


def _by_code(units: tuple[Unit, ...]) -> dict[str, tuple[Unit, ...]]:
    versions: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        earlier = versions[unit.code][-1:]
        if earlier and (earlier[0].valid_to is None or earlier[0].valid_to >= unit.valid_from):
            raise Problem("unit_overlap", code=unit.code, date=unit.valid_from)
        versions[unit.code].append(unit)
    return {code: tuple(kept) for code, kept in versions.items()}


def _turns(units: tuple[Unit, ...]) -> list[date]:
    """The days on which something begins or has just ended."""
    began = {unit.valid_from for unit in units}
    ended = {unit.valid_to + timedelta(days=1) for unit in units if unit.valid_to is not None}
    return sorted(began | ended)


def _plain(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(value.isoformat() if isinstance(value, date) else value for value in row)
