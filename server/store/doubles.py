"""What the search for children that stand twice reads and writes: changes since the last look, whom to compare, pairs.

Bookkeeping, not derived: candidates are suggestions, decisions about them are events (``identity_events``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base
from server.store.children import Child, Observation
from server.store.entity_log import EntityChange
from server.store.households import Household
from server.store.identity_events import CANDIDATES

CHUNK = 500
Row = tuple[Child, Household]


class LinkProgress(Base):
    """The number of the last change (``entity_log``) around which was searched."""

    __tablename__ = "link_progress"

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    number: Mapped[int]


class Pair(Protocol):
    """A pair as the search gives it."""

    @property
    def a(self) -> str: ...
    @property
    def b(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...


def looked_at(session: Session, province: str) -> int:
    return session.scalar(sa.select(LinkProgress.number).where(LinkProgress.province_code == province)) or 0


def mark(session: Session, province: str, number: int) -> None:
    session.merge(LinkProgress(province_code=province, number=number))
    session.flush()


def changes(session: Session, province: str, limit: int) -> Sequence[EntityChange]:
    """The next changes of households and children that nobody has searched around."""
    since = looked_at(session, province)
    query = sa.select(EntityChange).where(EntityChange.number > since, EntityChange.province_code == province)
    return session.scalars(query.order_by(EntityChange.number).limit(limit)).all()


def children_of(session: Session, province: str, changed: Sequence[EntityChange]) -> set[str]:
    """The children that changed, and those of the households that did."""
    found = {row.entity_id for row in changed if row.kind == "child"}
    homes = {row.entity_id for row in changed if row.kind == "household"}
    for ids in _chunks(homes):
        query = sa.select(Child.id).where(Child.province_code == province, Child.household_id.in_(ids))
        found |= set(session.scalars(query))
    return found


def everyone(session: Session, province: str) -> list[Row]:
    return _rows(session, province, sa.true())


def around(session: Session, province: str, changed: Collection[str]) -> list[Row]:
    """These children, all of their wards, and whoever shares a name or a full birth date with one of them."""
    own = [row for ids in _chunks(changed) for row in _rows(session, province, Child.id.in_(ids))]
    wards = {household.ward_code for _, household in own if household.ward_code}
    names = {child.name_key for child, _ in own if child.name_key}
    births = {child.birth for child, _ in own if child.birth and len(child.birth) == 10}
    found = {child.id: (child, household) for child, household in own}
    for column, values in (
        (Household.ward_code, wards),
        (Child.name_key, names),
        (Child.birth, births),
    ):
        for some in _chunks(values):
            found |= {row[0].id: row for row in _rows(session, province, column.in_(some))}
    return [found[key] for key in sorted(found)]


def observations(session: Session, province: str, ids: Collection[str]) -> Iterator[tuple[str, str, Any]]:
    """(child, submission, facts) of these children, in order of the observations' ids."""
    for some in _chunks(ids):
        rows = session.execute(
            sa.select(Observation.child_id, Observation.submission_id, Observation.facts)
            .where(Observation.province_code == province, Observation.child_id.in_(some))
            .order_by(Observation.id)
        )
        for row in rows:
            yield row[0], row[1], row[2]


def replace(session: Session, province: str, changed: Collection[str] | None, found: Sequence[Pair]) -> None:
    """Pairs about these children (None: all pairs) give way to what was found now."""
    table = CANDIDATES.c
    own = table.province_code == province
    if changed is None:
        session.execute(sa.delete(CANDIDATES).where(own))
    for ids in _chunks(changed or ()):
        session.execute(sa.delete(CANDIDATES).where(own, sa.or_(table.a.in_(ids), table.b.in_(ids))))
    rows = [
        {"province_code": province, "a": a, "b": b, "score": one.score, "reasons": list(one.reasons)}
        for one in found
        for a, b in [sorted((one.a, one.b))]
    ]
    if rows:
        session.execute(sa.insert(CANDIDATES), rows)


def _rows(session: Session, province: str, condition: sa.ColumnElement[bool]) -> list[Row]:
    rows = session.execute(
        sa.select(Child, Household)
        .join(
            Household,
            sa.and_(Household.province_code == Child.province_code, Household.id == Child.household_id),
        )
        .where(Child.province_code == province, condition)
        .order_by(Child.id)
    )
    return [(row[0], row[1]) for row in rows]


def _chunks(ids: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
