"""The gazetteer as it stands on one day: units by code, their place in the tree, and the indexes that
locate needs.

One snapshot serves every day between two changes, so it is built once and kept by the gazetteer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from sync.places.unit import Box, Level, Outline, Unit

if TYPE_CHECKING:
    from sync.places.nearest import Nearest
    from sync.places.outlines import Outlines

ParentOf = Callable[[Unit], Unit | None]


class Snapshot:
    """Everything that holds on one day."""

    def __init__(
        self, units: Iterable[Unit], outlines: Iterable[Outline], boxes: Sequence[Box], parent_of: ParentOf
    ) -> None:
        self.units = {unit.code: unit for unit in units}
        self._parents: dict[str, str] = {}
        self._children: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units.values():
            parent = parent_of(unit)
            if parent is not None:
                self._parents[unit.code] = parent.code
                self._children[parent.code].append(unit)
        self._drawn = [outline for outline in outlines if self._is_now(outline)]
        self._boxes = boxes
        self._near: dict[str, Nearest] = {}

    def _is_now(self, outline: Outline) -> bool:
        unit = self.units.get(outline.code)
        return unit is not None and unit.level == "ward" and unit.valid_from == outline.valid_from

    def parent(self, code: str) -> Unit | None:
        """The unit directly above."""
        above = self._parents.get(code)
        return None if above is None else self.units[above]

    def children(self, code: str) -> tuple[Unit, ...]:
        """The units directly below, by code."""
        return tuple(sorted(self._children.get(code, ()), key=lambda unit: unit.code))

    def box(self, code: str) -> Box | None:
        """The rectangle around a ward's boxes; None where none is known."""
        boxes = [box for box in self._boxes if box.code == code]
        if not boxes:
            return None
        return Box(
            code,
            boxes[0].valid_from,
            min(box.west for box in boxes),
            max(box.east for box in boxes),
            min(box.south for box in boxes),
            max(box.north for box in boxes),
        )

    def of_level(self, level: Level) -> tuple[Unit, ...]:
        """All units of a level, by code."""
        kept = (unit for unit in self.units.values() if unit.level == level)
        return tuple(sorted(kept, key=lambda unit: unit.code))

    def ward_of(self, unit: Unit) -> str | None:
        """The code of the ward that a ward or village belongs to."""
        if unit.level == "ward":
            return unit.code
        return self._parents.get(unit.code) if unit.level == "village" else None

    @cached_property
    def outlines(self) -> Outlines:
        """The outlines of the wards."""
        from sync.places.outlines import Outlines

        return Outlines(self._drawn)

    @cached_property
    def villages(self) -> Nearest:
        """All villages that have a point."""
        from sync.places.nearest import Nearest

        return Nearest(self.of_level("village"))

    @cached_property
    def undrawn(self) -> frozenset[str]:
        """The wards that have no outline."""
        drawn = {outline.code for outline in self._drawn}
        return frozenset(unit.code for unit in self.of_level("ward") if unit.code not in drawn)

    @cached_property
    def _box_of(self) -> dict[str, list[Box]]:
        boxes: dict[str, list[Box]] = defaultdict(list)
        for box in self._boxes:
            boxes[box.code].append(box)
        return boxes

    def boxed(self, lat: float, lon: float) -> list[str]:
        """The codes of the wards whose box holds the position."""
        holding = [
            code
            for south, north, west, east, code in self._edges
            if south <= lat <= north and west <= lon <= east
        ]
        return list(dict.fromkeys(holding))

    @cached_property
    def _edges(self) -> tuple[tuple[float, float, float, float, str], ...]:
        """Every box as bare numbers: each interview asks all of them."""
        boxes = [box for boxes in self._box_of.values() for box in boxes]
        return tuple((box.south, box.north, box.west, box.east, box.code) for box in boxes)

    def has_box(self, ward: str) -> bool:
        """Whether the ward has a box."""
        return ward in self._box_of

    @cached_property
    def all_boxed(self) -> bool:
        """Whether every ward has a box, so that what lies in none lies outside."""
        wards = self.of_level("ward")
        return bool(wards) and all(unit.code in self._box_of for unit in wards)

    def villages_of(self, ward: str) -> Nearest:
        """The villages of a ward that have a point."""
        from sync.places.nearest import Nearest

        if ward not in self._near:
            self._near[ward] = Nearest(
                unit for unit in self._children.get(ward, ()) if unit.level == "village"
            )
        return self._near[ward]
