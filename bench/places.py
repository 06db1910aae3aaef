"""How fast a position finds its village: one city, and a country of 11,000 wards with 90,000 villages.

    python bench/places.py [--points N] [--sample N]

Prints a table. A sample of the answers of every row is checked against measuring all villages of the ward.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sync.places.distance import metres
from sync.places.gazetteer import Gazetteer
from sync.places.locate import Location, locate
from sync.places.unit import Outline, Unit

DAY = date(2026, 9, 1)
BEGIN = date(2025, 7, 1)

Point = tuple[float, float]


@dataclass(frozen=True)
class Country:
    """A made-up country: wards in a grid with waving borders, villages strewn evenly."""

    name: str
    columns: int
    rows: int
    villages: int
    corners: int
    south: float
    west: float
    high: float
    wide: float

    def gazetteer(self) -> Gazetteer:
        """Its units and outlines."""
        chance = random.Random(5)  # noqa: S311
        units: list[Unit] = []
        outlines: list[Outline] = []
        for number in range(self.columns * self.rows):
            code = f"{number + 10001:05d}"
            units.append(Unit(code, f"Phường {number}", "phuong", "ward", None, BEGIN))
            outlines.append(Outline(code, BEGIN, self._outline(number)))
        for number in range(self.villages):
            turn, ward = divmod(number, self.columns * self.rows)
            lat, lon = self._within(ward, chance)
            code, parent = f"{ward + 10001:05d}.{turn + 1:03d}", f"{ward + 10001:05d}"
            units.append(Unit(code, f"Thôn {number}", "thon", "village", parent, BEGIN, None, lat, lon))
        return Gazetteer(units, (), outlines)

    def points(self, number: int) -> list[Point]:
        """Positions strewn over the country."""
        chance = random.Random(7)  # noqa: S311
        return [
            (self.south + chance.random() * self.high, self.west + chance.random() * self.wide)
            for _ in range(number)
        ]

    def _within(self, ward: int, chance: random.Random) -> Point:
        row, column = divmod(ward, self.columns)
        lat = self.south + (row + chance.uniform(0.15, 0.85)) * self.high / self.rows
        return lat, self.west + (column + chance.uniform(0.15, 0.85)) * self.wide / self.columns

    def _outline(self, ward: int) -> shapely.Polygon:
        """A square whose sides wave, the same on both sides of a border."""
        row, column = divmod(ward, self.columns)
        t = np.arange(self.corners // 4) / (self.corners // 4)
        wave, back = 0.1 * np.sin(2 * np.pi * t), 0.1 * np.sin(2 * np.pi * (1 - t))
        x = np.concatenate([column + t, column + 1 + wave, column + 1 - t, column + back])
        y = np.concatenate([row + wave, row + t, row + 1 + back, row + 1 - t])
        scale = (self.wide / self.columns, self.high / self.rows)
        return shapely.Polygon(np.stack([x, y], axis=-1) * scale + (self.west, self.south))


COUNTRIES = (
    Country("city: 4 wards, 120 villages", 2, 2, 120, 11_200, 21.76, 106.70, 0.16, 0.17),
    Country("country: 11,000 wards, 90,000", 100, 110, 90_000, 92, 8.5, 102.2, 14.5, 7.2),
)


def wrong(gazetteer: Gazetteer, points: list[Point], answers: list[Location], sample: int) -> int:
    """How many of a sample differ from measuring every village of the ward."""
    villages: dict[str | None, list[Unit]] = defaultdict(list)
    for unit in gazetteer.units:
        if unit.level == "village":
            villages[unit.parent_code].append(unit)
    count = 0
    for (lat, lon), answer in list(zip(points, answers, strict=True))[:sample]:
        near = villages.get(answer.ward)
        if near is not None:
            best = min((metres(lat, lon, unit.lat or 0, unit.lon or 0), unit.code) for unit in near)
            count += best != (answer.distance_m, answer.village)
    return count


def row(
    label: str, gazetteer: Gazetteer, points: list[Point], accuracy: float | None, sample: int = 500
) -> str:
    """One row of the table: points per second by the clock and by processor time, and wrong answers."""
    locate(gazetteer, lat=points[0][0], lon=points[0][1], on=DAY)
    wall, cpu = time.perf_counter(), time.process_time()
    answers = [locate(gazetteer, lat=lat, lon=lon, accuracy=accuracy, on=DAY) for lat, lon in points]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    off = str(wrong(gazetteer, points, answers, sample)) if gazetteer.outlines else "—"
    radius = "—" if accuracy is None else f"{accuracy:.0f} m"
    return f"{label:<32}{radius:>9}{len(points) / wall:>10,.0f}{len(points) / cpu:>12,.0f}{off:>7}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument(
        "--sample", type=int, default=500, help="how many answers are measured anew by brute force"
    )
    asked = parser.parse_args()
    number = asked.points
    print("load average:", *(f"{load:.2f}" for load in os.getloadavg()))
    print(f"{'places':<32}{'accuracy':>9}{'points/s':>10}{'per cpu s':>12}{'wrong':>7}")
    for country in COUNTRIES:
        began = time.perf_counter()
        drawn = country.gazetteer()
        drawn.on(DAY)
        built = time.perf_counter() - began
        points = country.points(number)
        print(row(country.name, drawn, points, None))
        print(row(country.name, drawn, points, 20.0, asked.sample))
        print(row("  without outlines", drawn.with_(outlines=()), points, 20.0))
        print(f"  built in {built:.1f} s")
    print("load average:", *(f"{load:.2f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
