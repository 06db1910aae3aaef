"""A small map as plain shapes: the villages of the ward, the declared one, the position with its accuracy, distances.

No tiles and no outside server; flat geometry is exact enough over a ward. The template only draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.flows.unit_names import label
from sync.places.distance import metres
from sync.places.unit import Unit

WIDTH, HEIGHT, MARGIN = 360.0, 300.0, 34.0
LETTER, LINE = 6.0, 13.0
LEAST_METRES = 600.0
NICE = (1, 2, 5)


@dataclass(frozen=True)
class Spot:
    x: float
    y: float
    name: str = ""
    name_x: float = 0.0
    name_y: float = 0.0
    anchor: str = "start"
    declared: bool = False


@dataclass(frozen=True)
class Stretch:
    """A measured line between the position and a village."""

    x1: float
    y1: float
    x2: float
    y2: float
    metres: float


@dataclass(frozen=True)
class Picture:
    villages: tuple[Spot, ...]
    point: Spot | None
    radius: float
    stretches: tuple[Stretch, ...]
    scale_px: float
    scale_m: int
    width: float = WIDTH
    height: float = HEIGHT


@dataclass
class _Sheet:
    """Degrees to picture points: centred, the same scale both ways, north up."""

    lat: float
    lon: float
    per_metre: float
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        east, north = _flat(lat, lon, self.lat, self.lon)
        return round(WIDTH / 2 + east * self.per_metre, 1), round(HEIGHT / 2 - north * self.per_metre, 1)

    def free(self, box: tuple[float, float, float, float]) -> bool:
        left, top, right, bottom = box
        if left < 2 or right > WIDTH - 2 or top < 2 or bottom > HEIGHT - 24:
            return False
        return not any(left < r and right > x and top < b and bottom > t for x, t, r, b in self.taken)


def draw(
    villages: Sequence[Unit],
    *,
    declared: str | None,
    nearest: str | None,
    lat: float | None,
    lon: float | None,
    accuracy: float | None,
) -> Picture | None:
    """The picture, or None when nothing has a place."""
    placed = [unit for unit in villages if unit.lat is not None and unit.lon is not None]
    points = [(unit.lat or 0.0, unit.lon or 0.0) for unit in placed]
    if lat is not None and lon is not None:
        points.append((lat, lon))
    if not points:
        return None
    sheet = _sheet(points, accuracy if lat is not None else None)
    point = Spot(*sheet.at(lat, lon)) if lat is not None and lon is not None else None
    radius = (accuracy or 0.0) * sheet.per_metre if point else 0.0
    stretches = _stretches(sheet, placed, point, {declared, nearest}, lat, lon)
    spots = _named(sheet, placed, declared, point, stretches)
    length, amount = _scale(sheet.per_metre)
    return Picture(spots, point, round(radius, 1), stretches, length, amount)


def _sheet(points: list[tuple[float, float]], accuracy: float | None) -> _Sheet:
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    flat = [_flat(a, o, lat, lon) for a, o in points]
    reach = 2 * min(accuracy or 0.0, 2000.0)
    wide = max(2 * max(abs(east) for east, _ in flat), LEAST_METRES, reach)
    high = max(2 * max(abs(north) for _, north in flat), LEAST_METRES, reach)
    return _Sheet(lat, lon, min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high))


def _flat(lat: float, lon: float, from_lat: float, from_lon: float) -> tuple[float, float]:
    """Metres east and north of a point nearby."""
    across = 111_320.0 * math.cos(math.radians(from_lat))
    return (lon - from_lon) * across, (lat - from_lat) * 110_574.0


def _stretches(
    sheet: _Sheet,
    villages: Sequence[Unit],
    point: Spot | None,
    wanted: set[str | None],
    lat: float | None,
    lon: float | None,
) -> tuple[Stretch, ...]:
    if point is None or lat is None or lon is None:
        return ()
    return tuple(
        Stretch(
            point.x,
            point.y,
            *sheet.at(unit.lat or 0.0, unit.lon or 0.0),
            metres(lat, lon, unit.lat or 0.0, unit.lon or 0.0),
        )
        for unit in villages
        if unit.code in wanted
    )


def _named(
    sheet: _Sheet,
    villages: Sequence[Unit],
    declared: str | None,
    point: Spot | None,
    stretches: Sequence[Stretch],
) -> tuple[Spot, ...]:
    """Names where there is room, the declared village first; no name covers a dot or another name."""
    spots = {unit.code: sheet.at(unit.lat or 0.0, unit.lon or 0.0) for unit in villages}
    dots = [*spots.values(), *([(point.x, point.y)] if point else [])]
    sheet.taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in dots]
    sheet.taken += [_around((s.x1 + s.x2) / 2, (s.y1 + s.y2) / 2) for s in stretches]
    sheet.taken.append((WIDTH - 34, 2, WIDTH - 2, 44))
    order = sorted(villages, key=lambda unit: (unit.code != declared, unit.code))
    return tuple(_spot(sheet, unit, *spots[unit.code], declared=unit.code == declared) for unit in order)


def _spot(sheet: _Sheet, unit: Unit, x: float, y: float, *, declared: bool) -> Spot:
    name = label(unit)
    wide = len(name) * LETTER
    inside = min(max(x, wide / 2 + 3), WIDTH - 3 - wide / 2)  # a long name near the edge slides inwards
    places = (
        (x + 10, y + 4, "start", x + 8),
        (x - 10, y + 4, "end", x - 8 - wide),
        (inside, y - 10, "middle", inside - wide / 2),
        (inside, y + 19, "middle", inside - wide / 2),
    )
    for name_x, name_y, anchor, left in places:
        box = (left, name_y - LINE + 2, left + wide, name_y + 3)
        if sheet.free(box):
            sheet.taken.append(box)
            return Spot(x, y, name, round(name_x, 1), round(name_y, 1), anchor, declared)
    if declared:
        return Spot(x, y, name, WIDTH / 2, 14.0, "middle", declared)
    return Spot(x, y, declared=declared)


def _around(x: float, y: float) -> tuple[float, float, float, float]:
    return (x - 22, y - 10, x + 22, y + 6)


def _scale(per_metre: float) -> tuple[float, int]:
    """A round length of at most a third of the picture."""
    most = WIDTH / 3 / per_metre
    power = 10 ** math.floor(math.log10(most))
    length = max(step * power for step in NICE if step * power <= most)
    return round(length * per_metre, 1), round(length)
