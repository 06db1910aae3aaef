"""Four made-up square wards that meet in one corner, with villages in them; no real boundary is used."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import shapely

from sync.places.gazetteer import Gazetteer
from sync.places.official import official, practice_villages
from sync.places.unit import Outline, Unit

BEGIN = date(2025, 7, 1)
SQUARES = {
    "05983": (106.70, 21.76, 106.78, 21.84),
    "05977": (106.78, 21.76, 106.86, 21.84),
    "05986": (106.70, 21.84, 106.78, 21.92),
    "06187": (106.78, 21.84, 106.86, 21.92),
}


def strewn(seed: int, each: int) -> list[Unit]:
    """So many villages in each square, by chance."""
    chance = random.Random(seed)
    template = replace(practice_villages()[0], practice=False)
    return [
        replace(
            template,
            code=f"{ward}.{number:03d}",
            name=f"Thôn Thử {number}",
            parent_code=ward,
            lat=chance.uniform(south, north),
            lon=chance.uniform(west, east),
        )
        for ward, (west, south, east, north) in SQUARES.items()
        for number in range(1, each + 1)
    ]


def village(code: str, lat: float | None, lon: float | None, **more: object) -> Unit:
    """A village of the ward that its code begins with."""
    unit = Unit(code, f"Thôn {code}", "thon", "village", code[:5], BEGIN, None, lat, lon)
    return replace(unit, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def make_village() -> Callable[..., Unit]:
    return village


@pytest.fixture(scope="session")
def make_villages() -> Callable[[int, int], list[Unit]]:
    return strewn


@pytest.fixture(scope="session")
def squares() -> dict[str, tuple[float, float, float, float]]:
    return SQUARES


@pytest.fixture(scope="session")
def outlines() -> tuple[Outline, ...]:
    return tuple(Outline(code, BEGIN, shapely.box(*square)) for code, square in SQUARES.items())


@pytest.fixture(scope="session")
def practice() -> Gazetteer:
    """The official units with the practice villages, without outlines."""
    return official().with_(units=[*official().units, *practice_villages()])


@pytest.fixture(scope="session")
def drawn(outlines: tuple[Outline, ...]) -> Gazetteer:
    """Outlines, and two villages in each of two wards; the other two have none."""
    villages = [
        village("05977.001", 21.80, 106.80),
        village("05977.002", 21.80, 106.83),
        village("05983.001", 21.80, 106.775),
        village("05983.002", 21.80, 106.72),
    ]
    return official().with_(units=[*official().units, *villages], outlines=outlines)
