"""The nearest villages to a position: a shortlist by straight chords through the earth, then geopy decides.

The chord between two points of the ellipsoid fixes the length of the geodesic between them to within the
range of its curvature radii (6,335 to 6,400 km). So everything that could be among the nearest two is in
the shortlist, the answer is that of measuring every village, and mostly only two distances are measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from sync.places.distance import metres
from sync.places.unit import Unit

_A = 6_378_137.0
_E2 = 0.00669437999014
_TIGHTEST, _WIDEST = 6_335_000.0, 6_400_000.0
# From this many villages on, a tree narrows the search before chords are taken.
_TREE_FROM = 400
# Fewer metres than any degree of latitude has, so that a box of degrees holds the circle.
_DEGREE = 110_500.0
# Beyond this many metres the nearest two are sought among so many only: no household is on another continent.
_VERY_FAR, _MOST = 1_000_000.0, 64

Floats = NDArray[np.float64]
Found = tuple[Unit, float]


class Nearest:
    """An index over the villages that have a point."""

    def __init__(self, villages: Iterable[Unit]) -> None:
        self.villages = sorted(
            (unit for unit in villages if unit.lat is not None and unit.lon is not None),
            key=lambda unit: unit.code,
        )
        self._lat = np.array([unit.lat for unit in self.villages], dtype=np.float64)
        self._lon = np.array([unit.lon for unit in self.villages], dtype=np.float64)
        self._xyz = _cartesian(self._lat, self._lon)
        big = len(self.villages) >= _TREE_FROM
        self._tree = shapely.STRtree(shapely.points(self._lon, self._lat)) if big else None

    def __len__(self) -> int:
        return len(self.villages)

    def two(self, lat: float, lon: float) -> list[Found]:
        """The nearest village and the runner-up with their distances in metres; ties go to the lower code."""
        found = [self._measured(index, lat, lon) for index in self._shortlist(lat, lon)]
        return sorted(found, key=lambda pair: (pair[1], pair[0].code))[:2]

    def within(self, lat: float, lon: float, radius: float) -> list[Unit]:
        """The villages no farther than the radius, which may be some metres more beyond 1,000 km."""
        chord = 2 * _WIDEST * math.sin(min(radius / (2 * _WIDEST), math.pi / 2)) * (1 + 1e-9) + 1e-6
        box = None if self._tree is None else _box(lat, lon, radius)
        if self._tree is None or box is None:
            return [self.villages[index] for index in np.flatnonzero(self._chords(lat, lon) <= chord)]
        inside = np.sort(self._tree.query(box))
        near = np.linalg.norm(self._xyz[inside] - _at(lat, lon), axis=1) <= chord
        return [self.villages[index] for index in inside[near]]

    def _measured(self, index: int, lat: float, lon: float) -> Found:
        unit = self.villages[index]
        return unit, metres(lat, lon, float(self._lat[index]), float(self._lon[index]))

    def _shortlist(self, lat: float, lon: float) -> list[int]:
        if len(self.villages) <= 2:
            return list(range(len(self.villages)))
        near = self._by_tree(lat, lon) if self._tree is not None else None
        if near is None:
            chords = self._chords(lat, lon)
            near = np.flatnonzero(chords <= _reach(chords))
            if len(near) > _MOST and float(np.min(chords)) > _VERY_FAR:
                near = near[np.argsort(chords[near], kind="stable")[:_MOST]]
        return [int(index) for index in near]

    def _by_tree(self, lat: float, lon: float) -> NDArray[np.int64] | None:
        """The shortlist out of a box that surely holds it; None where a box of degrees is no good."""
        assert self._tree is not None
        here = _at(lat, lon)
        first = int(self._tree.nearest(shapely.Point(lon, lat)))
        radius = 1.0 + 1.01 * float(np.linalg.norm(self._xyz[first] - here))
        while (box := _box(lat, lon, radius)) is not None:
            inside: NDArray[np.int64] = np.sort(self._tree.query(box))
            reach = math.inf
            if len(inside) >= 2:
                chords = np.linalg.norm(self._xyz[inside] - here, axis=1)
                reach = _reach(chords)
            if reach <= radius:
                return np.asarray(inside[chords <= reach], dtype=np.int64)
            radius = 2 * radius if reach == math.inf else reach * 1.001
        return None

    def _chords(self, lat: float, lon: float) -> Floats:
        chords: Floats = np.linalg.norm(self._xyz - _at(lat, lon), axis=1)
        return chords


def _cartesian(lat: Floats, lon: Floats) -> Floats:
    phi, lam = np.radians(lat), np.radians(lon)
    normal = _A / np.sqrt(1 - _E2 * np.sin(phi) ** 2)
    across = normal * np.cos(phi)
    xyz: Floats = np.stack(
        [across * np.cos(lam), across * np.sin(lam), normal * (1 - _E2) * np.sin(phi)], axis=-1
    )
    return xyz


def _at(lat: float, lon: float) -> Floats:
    """The same for one position, without the cost of small arrays."""
    phi, lam = math.radians(lat), math.radians(lon)
    normal = _A / math.sqrt(1 - _E2 * math.sin(phi) ** 2)
    across = normal * math.cos(phi)
    return np.array([across * math.cos(lam), across * math.sin(lam), normal * (1 - _E2) * math.sin(phi)])


def _reach(chords: Floats) -> float:
    """The longest chord that may still belong to one of the nearest two."""
    second = float(np.partition(chords, 1)[1])
    if second >= 1.9 * _TIGHTEST:
        return math.inf
    longest = 2 * _TIGHTEST * math.asin(second / (2 * _TIGHTEST))
    return 2 * _WIDEST * math.sin(min(longest / (2 * _WIDEST), math.pi / 2)) * (1 + 1e-9) + 1e-6


def _box(lat: float, lon: float, radius: float) -> shapely.Polygon | None:
    high = radius / _DEGREE
    top = abs(lat) + high
    if radius > 200_000 or top > 89:
        return None
    wide = high / math.cos(math.radians(top))
    if abs(lon) + wide > 180:
        return None
    return shapely.box(lon - wide, lat - high, lon + wide, lat + high)
