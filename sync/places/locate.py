"""A position -> its ward and village, with how and how sure; and whether that agrees with the declared
village.

The declared village stays the value of record: the position is a second opinion, for a supervisor to look
at where the two differ. Nothing here overwrites an answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from forms.problems import Problem
from sync.places.distance import metres
from sync.places.gazetteer import Gazetteer
from sync.places.snapshot import Snapshot
from sync.places.unit import Unit

if TYPE_CHECKING:
    from sync.places.nearest import Found, Nearest

Method = Literal["polygon+nearest", "nearest", "declared"]

ENGINE = "places-1"
FLAGS = (
    "no_gps",
    "outside_area",
    "ward_mismatch",
    "village_mismatch",
    "ambiguous",
    "low_accuracy",
    "too_far",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a position is worth a look."""

    low_accuracy_m: float = 100.0
    too_far_rural_m: float = 3000.0
    too_far_urban_m: float = 1000.0

    def too_far(self, village: Unit) -> float:
        """How far from a village its households may lie: blocks of a town are small."""
        return self.too_far_rural_m if village.kind == "thon" else self.too_far_urban_m


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Location:
    """Where a position lies, as far as this gazetteer can tell."""

    ward: str | None
    village: str | None
    distance_m: float | None
    runner_up: str | None
    runner_up_m: float | None
    candidate_wards: tuple[str, ...]
    flags: tuple[str, ...]
    method: Method
    gazetteer_version: str
    engine: str = ENGINE
    declared: str | None = None
    declared_m: float | None = None

    def as_data(self) -> dict[str, object]:
        """The location as plain data for JSON; distances to the millimetre."""
        return {
            "ward": self.ward,
            "village": self.village,
            "distance_m": _millimetres(self.distance_m),
            "runner_up": self.runner_up,
            "runner_up_m": _millimetres(self.runner_up_m),
            "candidate_wards": list(self.candidate_wards),
            "flags": list(self.flags),
            "method": self.method,
            "gazetteer_version": self.gazetteer_version,
            "engine": self.engine,
            "declared": self.declared,
            "declared_m": _millimetres(self.declared_m),
        }


@dataclass(frozen=True, slots=True)
class _Sight:
    """What the position alone says."""

    ward: str | None
    found: list[Found]
    candidates: list[str]
    method: Method
    outside: bool = False
    unsure: bool = False


def locate(
    gazetteer: Gazetteer,
    *,
    lat: float | None,
    lon: float | None,
    on: date,
    accuracy: float | None = None,
    declared: str | None = None,
    limits: Limits = LIMITS,
) -> Location:
    """The ward and nearest villages of a position on a day, compared with the declared village."""
    check_position(lat, lon, accuracy)
    today = gazetteer.on(on)
    said = None if declared is None else declared_unit(gazetteer, declared, on=on)
    # Some phones send 0, 0 when they have no fix.
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return _without_position(gazetteer, today, said)
    sight = _look(today, lat, lon, accuracy)
    found = sight.found + [(None, None)] * (2 - len(sight.found))
    (village, distance), (runner_up, runner_up_m) = found[0], found[1]
    return Location(
        ward=sight.ward,
        village=_code(village),
        distance_m=distance,
        runner_up=_code(runner_up),
        runner_up_m=runner_up_m,
        candidate_wards=tuple(sight.candidates),
        flags=_flags(sight, today, said, accuracy, limits),
        method=sight.method,
        gazetteer_version=gazetteer.version,
        declared=_code(said),
        declared_m=_declared_metres(sight, said, lat, lon),
    )


def check_position(lat: float | None, lon: float | None, accuracy: float | None) -> None:
    """Refuse what cannot be a position: half of one, no number, off the globe, a negative accuracy."""
    # Việt Nam the other way round: its longitudes stand where a latitude should.
    if lat is not None and lon is not None and 100 <= lat <= 120 and 5 <= lon <= 25:
        raise Problem("position_swapped")
    for value, most in ((lat, 90), (lon, 180)):
        if value is not None and not (math.isfinite(value) and abs(value) <= most):
            raise Problem("position_invalid", lat=lat, lon=lon)
    if (lat is None) != (lon is None):
        raise Problem("position_invalid", lat=lat, lon=lon)
    if accuracy is not None and not (math.isfinite(accuracy) and accuracy >= 0):
        raise Problem("accuracy_invalid", accuracy=accuracy)


def declared_unit(gazetteer: Gazetteer, code: str, *, on: date, ward: str | None = None) -> Unit:
    """The village (or ward) that a code declares on a day; an older list's code follows its mergers.

    With ``ward``, a village that does not belong to that ward is refused.
    """
    unit = gazetteer.find(code, on=on)
    if unit is None:
        later = {found.key: found for old in gazetteer.versions(code) for found in gazetteer.as_of(old, on)}
        unit = next(iter(later.values())) if len(later) == 1 else None
    if unit is None or unit.level not in ("ward", "village"):
        raise Problem("village_unknown", code=code, on=on)
    if ward is not None and gazetteer.on(on).ward_of(unit) != ward:
        raise Problem("village_of_other_ward", code=code, ward=ward, on=on)
    return unit


def _without_position(gazetteer: Gazetteer, today: Snapshot, said: Unit | None) -> Location:
    ward = None if said is None else today.ward_of(said)
    return Location(
        ward=ward,
        village=said.code if said is not None and said.level == "village" else None,
        distance_m=None,
        runner_up=None,
        runner_up_m=None,
        candidate_wards=() if ward is None else (ward,),
        flags=("no_gps",),
        method="declared",
        gazetteer_version=gazetteer.version,
        declared=_code(said),
    )


def _look(today: Snapshot, lat: float, lon: float, accuracy: float | None) -> _Sight:
    from sync.places.nearest import Nearest

    if not len(today.outlines):
        return _by_villages(today, today.villages, lat, lon, accuracy)
    holding = today.outlines.holding(lat, lon)
    touched = today.outlines.touching(lat, lon, accuracy) if accuracy else holding
    if holding:
        return _by_outline(today, holding[0], sorted({*holding, *touched}), lat, lon)
    undrawn = sorted(today.undrawn.intersection(today.boxed(lat, lon)))
    near = Nearest(unit for ward in undrawn for unit in today.villages_of(ward).villages)
    if not len(near):
        return _Sight(None, today.villages.two(lat, lon), touched, "nearest", outside=True)
    sight = _by_villages(today, near, lat, lon, accuracy)
    candidates = sorted({*sight.candidates, *touched})
    return _Sight(sight.ward, sight.found, candidates, "nearest", unsure=True)


def _by_outline(today: Snapshot, ward: str, candidates: list[str], lat: float, lon: float) -> _Sight:
    found = today.villages_of(ward).two(lat, lon)
    if found:
        return _Sight(ward, found, candidates, "polygon+nearest")
    # The list of that ward is missing or has no points: the nearest village of another ward is a poor answer.
    return _Sight(ward, today.villages.two(lat, lon), candidates, "nearest", unsure=True)


def _by_villages(today: Snapshot, near: Nearest, lat: float, lon: float, accuracy: float | None) -> _Sight:
    outside = today.all_boxed and not today.boxed(lat, lon)
    found = near.two(lat, lon)
    if not found:
        return _Sight(None, [], [], "nearest", outside=outside)
    ward = today.ward_of(found[0][0])
    # A position that is off by the accuracy may be nearest to any village up to twice that farther away.
    possible = near.within(lat, lon, found[0][1] + 2 * accuracy) if accuracy else []
    wards = {ward, *(today.ward_of(unit) for unit in possible)}
    candidates = sorted(code for code in wards if code is not None)
    return _Sight(ward, found, candidates, "nearest", outside=outside)


def _flags(
    sight: _Sight, today: Snapshot, said: Unit | None, accuracy: float | None, limits: Limits
) -> tuple[str, ...]:
    nearest = sight.found[0] if sight.found else None
    raised = {
        "outside_area": sight.outside,
        "ward_mismatch": said is not None and sight.ward not in (None, today.ward_of(said)),
        "village_mismatch": _other_village(nearest, said),
        # Without any list or outline of that day nothing can be told.
        "ambiguous": sight.unsure
        or len(sight.candidates) > 1
        or _too_close(sight.found, accuracy)
        or (sight.ward is None and not sight.outside),
        "low_accuracy": accuracy is not None and accuracy > limits.low_accuracy_m,
        "too_far": nearest is not None and nearest[1] > limits.too_far(nearest[0]),
    }
    return tuple(flag for flag in FLAGS if raised.get(flag))


def _other_village(nearest: Found | None, said: Unit | None) -> bool:
    if nearest is None or said is None or said.level != "village":
        return False
    return nearest[0].code != said.code


def _too_close(found: list[Found], accuracy: float | None) -> bool:
    return len(found) == 2 and found[1][1] - found[0][1] <= 2 * (accuracy or 0.0)


def _declared_metres(sight: _Sight, said: Unit | None, lat: float, lon: float) -> float | None:
    if said is None or said.lat is None or said.lon is None:
        return None
    known = {unit.code: distance for unit, distance in sight.found}
    return known[said.code] if said.code in known else metres(lat, lon, said.lat, said.lon)


def _code(unit: Unit | None) -> str | None:
    return None if unit is None else unit.code


def _millimetres(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
