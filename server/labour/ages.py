"""Ages in completed months on the reference date, for birth dates known in full, in part, or not at all.

A partial date stands for every day that it may mean, so an age is an interval; both ends belong to it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

OLDEST = 2400  # months; the upper end of an age nobody told
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def completed_months(born: date, on: date) -> int:
    """Whole months lived. Who was born on 29 February is a year older on 1 March of a common year."""
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


def possible_births(text: str) -> tuple[date, date]:
    """First and last day that ``2013-05-01``, ``2013-05`` or ``2013`` may mean; ValueError when impossible."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("not a date")
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        first = date(year, month, 1)
        return first, date(year, month, monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def age_interval(born: tuple[date, date] | None, on: date) -> tuple[int, int]:
    """Youngest and oldest possible age in completed months, at most ``OLDEST``; nobody is born after ``on``."""
    if born is None:
        return 0, OLDEST
    first, last = born
    return min(completed_months(min(last, on), on), OLDEST), min(completed_months(first, on), OLDEST)
