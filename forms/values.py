"""The values of answers: what the text inside a submission's element means for a type of question."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Position:
    """A point on the earth in degrees; altitude and accuracy in metres where the device gave them."""

    lat: float
    lon: float
    altitude: float | None = None
    accuracy: float | None = None

    def as_text(self) -> str:
        """The point as OpenRosa writes it."""
        numbers = (self.lat, self.lon, self.altitude or 0.0, self.accuracy or 0.0)
        return " ".join(f"{number:.10g}" for number in numbers)


Value = None | str | int | float | bool | Position | tuple[str, ...] | tuple[Position, ...]

_INT = re.compile(r"[+-]?\d{1,18}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def reader_of(kind: str) -> Callable[[str], Value] | None:
    """What turns a text that is not blank into the value of a type of question, or into None where it does not fit.

    None for a type whose texts are values as they stand.
    """
    return _READERS.get(kind)


def _int(text: str) -> int | None:
    return int(text) if _INT.fullmatch(text) else None


def _decimal(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _date(text: str) -> str | None:
    # Older clients send a date with a time behind it.
    head = text[:10]
    return head if _DATE.fullmatch(head) else None


def _point(text: str) -> Position | None:
    parts = [_decimal(part) for part in text.split()]
    if not 2 <= len(parts) <= 4 or any(part is None for part in parts):
        return None
    lat, lon, *rest = (part for part in parts if part is not None)
    if abs(lat) > 90 or abs(lon) > 180:
        return None
    altitude = rest[0] if rest else None
    return Position(lat, lon, altitude, rest[1] if len(rest) > 1 else None)


def _line(text: str) -> tuple[Position, ...] | None:
    points = [_point(part) for part in text.split(";") if part.strip()]
    known = tuple(point for point in points if point is not None)
    return known if known and len(known) == len(points) else None


_READERS: dict[str, Callable[[str], Value]] = {
    "int": _int,
    "decimal": _decimal,
    "date": _date,
    "select_multiple": _codes,
    "rank": _codes,
    "geopoint": _point,
    "geotrace": _line,
    "geoshape": _line,
}
