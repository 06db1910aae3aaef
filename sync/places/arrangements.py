"""Which arrangement of villages a list belongs to, by the day it began: dated data, as the law redraws the lists."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from importlib import resources


def arrangement_of(begins: date) -> str:
    """The name of the arrangement in force on that day."""
    return next(name for name, first, last in _arrangements() if first <= begins <= last)


@cache
def _arrangements() -> tuple[tuple[str, date, date], ...]:
    file = resources.files("sync.places") / "data" / "arrangements.csv"
    return tuple(
        (row["name"], _day(row["valid_from"], date.min), _day(row["valid_to"], date.max))
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    )


def _day(text: str, none: date) -> date:
    return date.fromisoformat(text) if text else none
