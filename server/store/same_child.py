"""What the page of doubles shows: pairs to look at, pairs decided, and fields that two phones wrote differently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.store import identity_events
from server.store.area import household_in_area
from server.store.children import Child
from server.store.households import Household
from server.store.identity_events import CHOICES, LinkCandidate, LinkDecision

MOST = 200


@dataclass(frozen=True)
class Side:
    child: Child
    household: Household


@dataclass(frozen=True)
class Pair:
    """Two records and what speaks for their being one child; ``verdict`` where an officer has decided."""

    province: str
    a: Side
    b: Side
    score: float | None
    reasons: list[str]
    verdict: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Conflict:
    kind: str
    province: str
    id: str
    name: str
    field: str
    rivals: list[list[Any]]


def candidates(session: Session, who: Who, province: str) -> list[Pair]:
    """Undecided pairs of the last search in the reader's area, the likeliest first."""
    decided = identity_events.standing(session.connection(), province)
    joined = identity_events.joined(session.connection(), province)
    rows = session.scalars(
        sa.select(LinkCandidate)
        .where(LinkCandidate.province_code == province)
        .order_by(LinkCandidate.score.desc(), LinkCandidate.a, LinkCandidate.b)
    )
    open_rows = [
        row
        for row in rows
        if (row.a, row.b) not in decided and (row.a not in joined or joined[row.a] != joined.get(row.b))
    ]
    sides = _sides(session, who, province, {one for row in open_rows for one in (row.a, row.b)})
    return [
        Pair(province, sides[row.a], sides[row.b], row.score, list(row.reasons))
        for row in open_rows
        if row.a in sides and row.b in sides
    ][:MOST]


def decided(session: Session, who: Who, province: str) -> list[Pair]:
    """Pairs on which a word stands, the newest first."""
    standing = identity_events.standing(session.connection(), province)
    rows = session.scalars(
        sa.select(LinkDecision)
        .where(LinkDecision.province_code == province)
        .order_by(LinkDecision.at, LinkDecision.id)
    )
    last = {(row.a, row.b): row for row in rows if (row.a, row.b) in standing}
    sides = _sides(session, who, province, {one for pair in last for one in pair})
    pairs = [
        Pair(province, sides[row.a], sides[row.b], None, [], row.verdict, row.person_id, row.at)
        for row in last.values()
        if row.a in sides and row.b in sides
    ]
    return sorted(pairs, key=lambda pair: str(pair.at), reverse=True)[:MOST]


def conflicts(session: Session, who: Who, province: str) -> list[Conflict]:
    """Fields of households and children that wait for an officer's choice."""
    found = []
    for child, _ in _in_area(session, who, province, Child.conflicts.is_not(None)):
        found += _conflicts("child", province, child.id, child.name, child.conflicts)
    rows = session.scalars(
        sa.select(Household)
        .where(Household.province_code == province, Household.conflicts.is_not(None), household_in_area(who))
        .order_by(Household.id)
    )
    for row in rows:
        found += _conflicts("household", province, row.id, row.head_name, row.conflicts)
    return found


def chosen(session: Session, province: str, kind: str, entity_id: str) -> list[str]:
    """The fields of a household or child that an officer's choice settles now."""
    known = identity_events.choices(session.connection(), province, kind, [entity_id]).get(entity_id, [])
    return sorted({row.field for row, stands in known if stands})


def chosen_ids(session: Session, province: str) -> list[tuple[str, str]]:
    rows = session.execute(
        sa.select(CHOICES.c.kind, CHOICES.c.entity_id).where(CHOICES.c.province_code == province).distinct()
    )
    return sorted((row[0], row[1]) for row in rows)


def _conflicts(
    kind: str, province: str, entity_id: str, name: str | None, fields: dict[str, Any]
) -> list[Conflict]:
    return [
        Conflict(kind, province, entity_id, name or "", field, rivals)
        for field, rivals in sorted(fields.items())
    ]


def _sides(session: Session, who: Who, province: str, ids: Iterable[str]) -> dict[str, Side]:
    found: dict[str, Side] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        condition = Child.id.in_(wanted[start : start + 500])
        for child, household in _in_area(session, who, province, condition):
            found[child.id] = Side(child, household)
    return found


def _in_area(
    session: Session, who: Who, province: str, condition: sa.ColumnElement[bool]
) -> list[tuple[Child, Household]]:
    rows = session.execute(
        sa.select(Child, Household)
        .join(
            Household,
            sa.and_(Household.province_code == Child.province_code, Household.id == Child.household_id),
        )
        .where(Child.province_code == province, condition, household_in_area(who))
        .order_by(Child.id)
    )
    return [(row[0], row[1]) for row in rows]
