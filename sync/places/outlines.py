"""Which outlines a position lies in, and which ones a circle of so many metres around it touches."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import shapely

from sync.places.unit import Outline

_CORNERS = 64
_TURN = 2 * math.pi * np.arange(_CORNERS) / _CORNERS
# The polygon is drawn around the circle, not in it: nothing within the radius is missed.
_ROUND = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=-1) / math.cos(math.pi / _CORNERS)


class Outlines:
    """An index over outlines; answers are codes, in order."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        kept = sorted(outlines, key=lambda outline: outline.code)
        self.codes = [outline.code for outline in kept]
        self._shapes = np.array([outline.geometry for outline in kept], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def __len__(self) -> int:
        return len(self.codes)

    def holding(self, lat: float, lon: float) -> list[str]:
        """The codes of the outlines that hold the position; two where it lies on their common border."""
        near = np.sort(self._tree.query(shapely.Point(lon, lat)))
        return [self.codes[i] for i in near if shapely.intersects_xy(self._shapes[i], lon, lat)]

    def touching(self, lat: float, lon: float, radius: float) -> list[str]:
        """The codes of the outlines within the radius of the position."""
        if radius <= 0:
            return self.holding(lat, lon)
        circle = _circle(lat, lon, radius)
        near = np.sort(self._tree.query(circle))
        return [self.codes[i] for i in near if shapely.intersects(self._shapes[i], circle)]


def _circle(lat: float, lon: float, radius: float) -> shapely.Polygon:
    sine = math.sin(math.radians(lat))
    bend = math.sqrt(1 - 0.00669437999014 * sine * sine)
    along = math.radians(6_335_439.0 / bend**3)
    across = math.radians(6_378_137.0 / bend) * math.cos(math.radians(lat))
    wide = min(radius / across, 180.0) if across > 1e-6 else 180.0
    return shapely.polygons(_ROUND * (wide, min(radius / along, 90.0)) + (lon, lat))
