"""Which unit became which: successors and predecessors over mergers, splits and renames.

Old ward -> new ward is a function when whole units were merged; new -> old is not. So counts can be carried
forward with equal totals, and carrying them where a unit was divided is refused instead of guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from forms.problems import Problem
from sync.places.unit import Change, Key, Unit

if TYPE_CHECKING:
    from sync.places.gazetteer import Gazetteer

Find = Callable[[str, date], Unit | None]

_DAY = timedelta(days=1)
_DIVIDES = frozenset({"split", "boundary_move"})


class History:
    """The changes between units, tied to the units themselves and not to their codes."""

    def __init__(self, changes: Iterable[Change], find: Find) -> None:
        self._forward: dict[Key, list[tuple[Change, Unit]]] = defaultdict(list)
        self._back: dict[Key, list[tuple[Change, Unit]]] = defaultdict(list)
        for change in changes:
            self._tie(change, find)

    def _tie(self, change: Change, find: Find) -> None:
        before = find(change.from_code, change.date - _DAY)
        if before is None:
            raise _loose(change, change.from_code)
        if change.to_code is None:
            return
        after = find(change.to_code, change.date)
        if after is None:
            raise _loose(change, change.to_code)
        self._forward[before.key].append((change, after))
        self._back[after.key].append((change, before))

    def successors(self, unit: Unit) -> tuple[Unit, ...]:
        """What the unit became on the day after its last; none while it is in force."""
        if unit.valid_to is None:
            return ()
        ended = unit.valid_to + _DAY
        return _distinct(after for change, after in self._forward.get(unit.key, ()) if change.date == ended)

    def predecessors(self, unit: Unit) -> tuple[Unit, ...]:
        """What the unit was made from on its first day."""
        began = unit.valid_from
        return _distinct(before for change, before in self._back.get(unit.key, ()) if change.date == began)

    def as_of(self, unit: Unit, on: date) -> tuple[Unit, ...]:
        """The units that hold this unit's ground on that day: itself, its successors or its predecessors."""
        step = self.successors if unit.valid_from <= on else self.predecessors
        reached, waiting = [], [unit]
        while waiting:
            current = waiting.pop()
            if current.in_force(on):
                reached.append(current)
            else:
                waiting.extend(step(current))
        return _distinct(reached)

    def divided(self, unit: Unit, at: date, on: date) -> bool:
        """Whether part of the unit went elsewhere between the two days: its counts cannot follow whole."""
        waiting = [unit]
        while waiting:
            current = waiting.pop()
            steps = [change for change, _ in self._forward.get(current.key, ())]
            if any(change.type in _DIVIDES and at < change.date <= on for change in steps):
                return True
            if not current.in_force(on):
                waiting.extend(self.successors(current))
        return False


def carry(gazetteer: Gazetteer, counts: Mapping[str, int], *, at: date, on: date) -> dict[str, int]:
    """Counts by code as of one day -> counts by code as of a later one, with the same total.

    A unit that was divided in between, that ended without a successor, or a step back in time is refused:
    then the counts must be taken again from the villages.
    """
    carried: dict[str, int] = defaultdict(int)
    for code, count in sorted(counts.items()):
        carried[_single(gazetteer, gazetteer.get(code, on=at), at, on).code] += count
    return dict(carried)


def _single(gazetteer: Gazetteer, unit: Unit, at: date, on: date) -> Unit:
    reached = gazetteer.history.as_of(unit, on) if unit.in_force(on) or at <= on else ()
    if len(reached) > 1 or gazetteer.history.divided(unit, at, on):
        raise Problem("unit_divided", code=unit.code, unit=unit.name, at=at, on=on)
    if not reached:
        raise Problem("unit_without_successor", code=unit.code, unit=unit.name, at=at, on=on)
    return reached[0]


def _distinct(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple(sorted({unit.key: unit for unit in units}.values(), key=lambda unit: unit.key))


def _loose(change: Change, code: str) -> Problem:
    return Problem("change_without_unit", type=change.type, code=code, date=change.date)
