"""Where a person may look, as conditions on visits and households. Ward codes are read by the day they were written.

A code alone is ambiguous over mergers; ``Who.ground`` says what was written, and when, of the ground that is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from server.access.rules import Who
from server.store.households import Household, Visit
from sync.places.as_of import Span


def in_area(who: Who | None, visit: Any = Visit) -> sa.ColumnElement[bool]:
    """The condition that a visit (or an alias of it) lies in the person's area; the command line sees all."""
    return _lies(who, visit.ward_code, visit.village_code, visit.visited_on)


def household_in_area(who: Who) -> sa.ColumnElement[bool]:
    """The same of a household's own row, whose codes were written on the day of its newest visit."""
    if who.everywhere:
        return sa.true()
    day = (
        sa.select(sa.func.max(Visit.visited_on))
        .where(Visit.province_code == Household.province_code, Visit.household_id == Household.id)
        .correlate(Household)
        .scalar_subquery()
    )
    return _lies(who, Household.ward_code, Household.village_code, day)


def within(column: Any, spans: Sequence[Span], village: Any, day: Any) -> sa.ColumnElement[bool]:
    """Written under one of these codes on a day when it meant the unit."""
    days: dict[tuple[date, date, Sequence[Span] | None], list[str]] = {}
    for span in spans:
        days.setdefault((span.first, span.last, span.villages), []).append(span.code)
    terms = [
        sa.and_(
            column.in_(sorted(set(codes))),
            day.between(first, last),
            sa.true() if villages is None else within(village, villages, village, day),
        )
        for (first, last, villages), codes in days.items()
    ]
    return sa.or_(sa.false(), *terms)


def _lies(who: Who | None, ward: Any, village: Any, day: Any) -> sa.ColumnElement[bool]:
    if who is None or who.everywhere:
        return sa.true()
    if who.ground is None:
        return sa.or_(ward.in_(who.area), village.in_(who.area))
    return sa.or_(
        within(ward, who.ground.wards, village, day), within(village, who.ground.villages, village, day)
    )
