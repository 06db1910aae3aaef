"""The words of the gazetteer: a unit, a change between units, an outline, a sanity box.

A unit is known by its code *and* the day that meaning of the code began. ``valid_to`` is the last day on
which it was in force (the day itself included); None means that it still is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

from sync.places.arrangements import arrangement_of

Level = Literal["province", "district", "ward", "village"]
ChangeType = Literal["merge", "split", "rename", "boundary_move", "level_abolished"]
Key = tuple[str, date]

# What a row of an imported list may say of itself; a level is abolished by law, not by a list.
CHANGE_TYPES: tuple[ChangeType, ...] = ("merge", "split", "rename", "boundary_move")

LEVELS: tuple[Level, ...] = ("province", "district", "ward", "village")
VILLAGE_KINDS = ("thon", "khoi", "to_dan_pho")
WARD_KINDS = ("phuong", "xa", "thi_tran")
VERIFIED = ("primary", "partial", "unverified")


@dataclass(frozen=True, slots=True)
class Unit:
    """A province, district, ward or village over one stretch of time."""

    code: str
    name: str
    kind: str
    level: Level
    parent_code: str | None
    valid_from: date
    valid_to: date | None = None
    lat: float | None = None
    lon: float | None = None
    households: int | None = None
    verified: str = "unverified"
    practice: bool = False
    source: str = ""

    @property
    def key(self) -> Key:
        """What identifies the unit over time."""
        return (self.code, self.valid_from)

    @property
    def arrangement(self) -> str:
        """Which arrangement of villages the unit belongs to, told by the day it began."""
        return arrangement_of(self.valid_from)

    def in_force(self, on: date) -> bool:
        """Whether the unit exists on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened on a day: the unit ``from_code`` of the day before became or gave to ``to_code``."""

    date: date
    type: ChangeType
    from_code: str
    to_code: str | None
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """The boundary of a unit: a polygon or several, WGS84, longitude first."""

    code: str
    valid_from: date
    geometry: BaseGeometry
    source: str = ""

    @property
    def key(self) -> Key:
        """The key of the unit whose boundary this is."""
        return (self.code, self.valid_from)

    def wkb(self) -> bytes:
        """The geometry as well-known binary, the form in which it is stored and digested."""
        # Geometry is loaded by those who draw or locate: an idle server goes without.
        import shapely

        data: bytes = shapely.to_wkb(self.geometry, byte_order=1, output_dimension=2)
        return data

    @classmethod
    def from_wkb(cls, code: str, valid_from: date, data: bytes, source: str = "") -> Outline:
        """The outline as it was stored."""
        import shapely

        return cls(code, valid_from, shapely.from_wkb(data), source)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that surely holds a unit. Boxes overlap: good for a warning, never to assign a ward."""

    code: str
    valid_from: date
    west: float
    east: float
    south: float
    north: float
    source: str = ""

    @property
    def key(self) -> Key:
        """The key of the unit that the box holds."""
        return (self.code, self.valid_from)

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the position lies in the box."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east
