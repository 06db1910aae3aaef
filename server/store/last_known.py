"""Households and children as the office knows them now: what the next round starts from.

A child that officers joined of several records is given once, under the id that stands for it, as it was seen last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.store.area import household_in_area
from server.store.children import Child, Observation
from server.store.departures import Departure
from server.store.households import Household, Visit
from server.store.portions import portions
from server.store.submissions import Submission

LEFT = "5"
"""The result of a visit that found the house empty, the family gone."""


@dataclass(frozen=True)
class LastKnown:
    """A household with its last visit."""

    row: Household
    visited_on: date | None
    round_id: str | None
    result: str | None

    @property
    def left(self) -> bool:
        return self.result == LEFT


@dataclass(frozen=True)
class KnownChild:
    """A child: the record that stands for it, and the one that saw it last."""

    standing: Child
    seen: Child


def households(
    session: Session, province: str, who: Who, only: Collection[str] | None = None
) -> list[LastKnown]:
    """The households of the person's ground, those that left among them; ``only`` these ids."""
    mine = sa.select(Household).where(Household.province_code == province, household_in_area(who))
    if only is None:
        rows = list(session.scalars(mine))
    else:
        rows = [row for some in portions(only) for row in session.scalars(mine.where(Household.id.in_(some)))]
    last = _last_visits(session, province, [row.id for row in rows])
    nothing = (None, None, None)
    return [LastKnown(row, *last.get(row.id, nothing)) for row in sorted(rows, key=lambda row: row.id)]


def children(session: Session, province: str, homes: Collection[str]) -> list[KnownChild]:
    """The children of these households, each once."""
    standing = _same_as(session, province, Child.household_id, homes)
    groups: dict[str, list[Child]] = {}
    for row in _members(session, province, standing):
        groups.setdefault(row.same_as, []).append(row)
    last = _last_seen(
        session, province, [row.id for rows in groups.values() if len(rows) > 1 for row in rows]
    )
    found = []
    for child_id, rows in sorted(groups.items()):
        seen = max(rows, key=lambda row: (last.get(row.id, ""), row.id))
        leader = next((row for row in rows if row.id == child_id), seen)
        if seen.household_id in homes:
            found.append(KnownChild(leader, seen))
    return found


def standing_for(session: Session, province: str, child_ids: Collection[str]) -> dict[str, str]:
    """For these children: every record that is one with them, with its household."""
    standing = _same_as(session, province, Child.id, child_ids)
    return {row.id: row.household_id for row in _members(session, province, standing)}


def _same_as(session: Session, province: str, column: Any, values: Collection[str]) -> set[str]:
    asked = sa.select(Child.same_as).where(Child.province_code == province)
    return {one for some in portions(values) for one in session.scalars(asked.where(column.in_(some)))}


def _members(session: Session, province: str, standing: Iterable[str]) -> Iterable[Child]:
    asked = sa.select(Child).where(Child.province_code == province)
    for some in portions(sorted(standing)):
        yield from session.scalars(asked.where(Child.same_as.in_(some)).order_by(Child.id))


def _last_visits(
    session: Session, province: str, ids: Collection[str]
) -> dict[str, tuple[date | None, str | None, str | None]]:
    same = sa.and_(Submission.province_code == Visit.province_code, Submission.id == Visit.submission_id)
    asked = (
        sa.select(Visit.household_id, Visit.visited_on, Visit.round_id, Visit.result)
        .join(Submission, same)
        .where(Visit.province_code == province)
        .order_by(Submission.received_at, Submission.id)
    )
    return {
        row[0]: (row[1], row[2], row[3])
        for some in portions(ids)
        for row in session.execute(asked.where(Visit.household_id.in_(some)))
    }


def _last_seen(session: Session, province: str, ids: Collection[str]) -> dict[str, str]:
    """When each record was last spoken of, as something that sorts."""
    found: dict[str, str] = {}
    for table in (Observation, Departure):
        same = sa.and_(Submission.province_code == table.province_code, Submission.id == table.submission_id)
        asked = (
            sa.select(table.child_id, sa.func.max(Submission.received_at))
            .join(Submission, same)
            .where(table.province_code == province)
            .group_by(table.child_id)
        )
        for some in portions(ids):
            for child_id, at in session.execute(asked.where(table.child_id.in_(some))):
                found[child_id] = max(found.get(child_id, ""), at.isoformat())
    return found
