"""What officers decided about who is who: events, append-only, never derived. The later decision counts.

``LinkDecision`` says that two child records are one child, or that they are not, or takes such a word back.
``ConflictChoice`` settles a field that two phones wrote differently; ``seen`` are the edits the officer looked at.
``LinkCandidate`` is no event but the last search's result, kept so that the page need not search.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, PlainJson, UtcTime
from server.store.portions import portions


class LinkDecision(Base):
    __tablename__ = "link_decisions"
    __table_args__ = (
        sa.CheckConstraint("verdict in ('same','different','undone')", name="verdict"),
        sa.Index("ix_link_decisions_pair", "province_code", "a", "b"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    a: Mapped[str] = mapped_column(sa.String(64))
    b: Mapped[str] = mapped_column(sa.String(64))
    verdict: Mapped[str] = mapped_column(sa.String(10))
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)


class ConflictChoice(Base):
    __tablename__ = "conflict_choices"
    __table_args__ = (
        sa.CheckConstraint("kind in ('household','child')", name="kind"),
        sa.Index("ix_conflict_choices_entity", "province_code", "kind", "entity_id"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    entity_id: Mapped[str] = mapped_column(sa.String(64))
    field: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[Any] = mapped_column(PlainJson, nullable=True)
    seen: Mapped[Any] = mapped_column(PlainJson)
    undone: Mapped[bool] = mapped_column(default=False)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)


class LinkCandidate(Base):
    __tablename__ = "link_candidates"

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    a: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    b: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    score: Mapped[float]
    reasons: Mapped[Any] = mapped_column(PlainJson)


DECISIONS: sa.Table = LinkDecision.__table__  # type: ignore[assignment]
CHOICES: sa.Table = ConflictChoice.__table__  # type: ignore[assignment]
CANDIDATES: sa.Table = LinkCandidate.__table__  # type: ignore[assignment]


def moment(connection: Connection, table: sa.Table, province: str, now: datetime) -> datetime:
    """Now, but after every word said before, so that two words in one instant keep their order."""
    last = connection.scalar(sa.select(sa.func.max(table.c.at)).where(table.c.province_code == province))
    return now if last is None or now > last else last + timedelta(microseconds=1)


def standing(connection: Connection, province: str) -> dict[tuple[str, str], str]:
    """The verdict that counts for each pair; those taken back are left out."""
    rows = connection.execute(
        sa.select(DECISIONS.c.a, DECISIONS.c.b, DECISIONS.c.verdict)
        .where(DECISIONS.c.province_code == province)
        .order_by(DECISIONS.c.at, DECISIONS.c.id)
    )
    found = {(row.a, row.b): row.verdict for row in rows}
    return {pair: verdict for pair, verdict in found.items() if verdict != "undone"}


def groups(same: list[tuple[str, str]]) -> dict[str, str]:
    """For each id that is one child with others, the smallest id of them."""
    leader: dict[str, str] = {}

    def lead(one: str) -> str:
        while leader.get(one, one) != one:
            one = leader[one]
        return one

    for a, b in sorted(same):
        first, second = sorted((lead(a), lead(b)))
        leader[second] = first
        leader.setdefault(first, first)
    return {one: lead(one) for one in leader}


def joined(connection: Connection, province: str) -> dict[str, str]:
    """Children that officers joined: each id with the one that stands for all of them."""
    verdicts = standing(connection, province)
    return groups([pair for pair, verdict in verdicts.items() if verdict == "same"])


def choices(
    connection: Connection, province: str, kind: str, entity_ids: Collection[str]
) -> dict[str, list[tuple[Any, bool]]]:
    """Every choice about these households or children, oldest first, as (row, whether it still stands)."""
    found: dict[str, list[Any]] = {}
    for some in portions(entity_ids):
        asked = {"province": province, "kind": kind, "ids": some}
        for row in connection.execute(_CHOICES, asked):
            found.setdefault(row.entity_id, []).append(row)
    return {entity_id: _with_standing(rows) for entity_id, rows in found.items()}


def _with_standing(rows: list[Any]) -> list[tuple[Any, bool]]:
    undone = {row.field: place for place, row in enumerate(rows) if row.undone}
    return [(row, place > undone.get(row.field, -1)) for place, row in enumerate(rows)]


_CHOICES = (
    sa.select(CHOICES)
    .where(
        CHOICES.c.province_code == sa.bindparam("province"),
        CHOICES.c.kind == sa.bindparam("kind"),
        CHOICES.c.entity_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .order_by(CHOICES.c.at, CHOICES.c.id)
)
