"""Birth dates as families give them: year only, month and year, lunar, digits swapped; and how two of them agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

LUNAR_DAYS = (17, 53)
Level = Literal[
    "same", "month_same", "year_same", "day_month_swapped", "digits_swapped", "lunar", "one_digit",
    "year_beside", "other_day", "different", "unknown",
]  # fmt: skip


@dataclass(frozen=True)
class Birth:
    """As far as it is known. A lunar date may name a day the calendar lacks, so nothing is checked but ranges."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def full(self) -> bool:
        return self.day is not None

    @property
    def vague(self) -> bool:
        """Only the year, or the first of January, which offices write when only the year is known."""
        return self.month is None or (self.month, self.day) == (1, 1)

    @property
    def digits(self) -> str:
        return f"{self.year:04}{self.month or 0:02}{self.day or 0:02}"

    @property
    def about(self) -> float:
        """Days on a scale that is good enough to tell a lunar month from a year."""
        return (self.year or 0) * 365.25 + (self.month or 0) * 30.44 + (self.day or 0)


@lru_cache(maxsize=200_000)
def read_birth(text: str) -> Birth:
    """``2014-03-12``, ``2014-03``, ``2014``, ``12/3/2014``, ``3/2014``; anything else is not known."""
    text = text.strip()
    numbers = re.findall(r"\d+", text)
    if len(numbers) == 1 and len(numbers[0]) == 8:
        whole = numbers[0]
        year_first = 1900 <= int(whole[:4]) <= 2100
        numbers = [whole[:4], whole[4:6], whole[6:]] if year_first else [whole[:2], whole[2:4], whole[4:]]
    if numbers and len(numbers[0]) != 4:
        numbers.reverse() if len(numbers) <= 3 else numbers.clear()
    if not numbers or len(numbers[0]) != 4:
        return Birth()
    year, month, day = (*(int(number) for number in numbers[:3]), 0, 0)[:3]
    if 12 < month <= 31 and 1 <= day <= 12:
        month, day = day, month
    if not 1 <= month <= 12:
        return Birth(year)
    return Birth(year, month, day if 1 <= day <= 31 else None)


@lru_cache(maxsize=500_000)
def compare(one: Birth, other: Birth) -> Level:
    """How two birth dates agree, the strongest likeness first."""
    if one.year is None or other.year is None:
        return "unknown"
    if one == other:
        return "same" if one.full and not one.vague else "month_same" if not one.vague else "year_same"
    if one.vague or other.vague:
        return _years(one.year, other.year)
    if not one.full or not other.full:
        if (one.year, one.month) == (other.year, other.month):
            return "month_same"
        if one.year == other.year and abs((one.month or 0) - (other.month or 0)) <= 2:
            return "year_same"
        return "other_day" if one.year == other.year else "different"
    return _days(one, other)


def _years(one: int, other: int) -> Level:
    if one == other:
        return "year_same"
    return "year_beside" if abs(one - other) == 1 else "different"


def _days(one: Birth, other: Birth) -> Level:
    """Two different full dates."""
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return "day_month_swapped"
    if OSA.distance(one.digits, other.digits) == 1:
        swapped = sorted(one.digits) == sorted(other.digits)
        return "digits_swapped" if swapped else "one_digit"
    if LUNAR_DAYS[0] <= abs(one.about - other.about) <= LUNAR_DAYS[1]:
        return "lunar"
    return "other_day" if one.year == other.year else "different"
