"""In which order households and children changed, so that a phone fetches only what is new to it.

One row per change of a household's or child's own row, by number, with the place where it stood *before*: whoever
works there must be told that it left. The log is bookkeeping of the office, not derived:
a rebuild that changes nothing adds nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base


class EntityChange(Base):
    __tablename__ = "entity_log"
    __table_args__ = (sa.Index("ix_entity_log_entity", "province_code", "kind", "entity_id"),)

    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=True)
    province_code: Mapped[str] = mapped_column(sa.String(2))
    kind: Mapped[str] = mapped_column(sa.String(10))
    entity_id: Mapped[str] = mapped_column(sa.String(64))
    ward_code: Mapped[str | None] = mapped_column(sa.String(20))
    village_code: Mapped[str | None] = mapped_column(sa.String(20))


LOG: sa.Table = EntityChange.__table__  # type: ignore[assignment]
_INSERT = sa.insert(LOG)


class Change(NamedTuple):
    """A change of one household's or child's own row; the ward and village are those it stood in until now."""

    province_code: str
    kind: str
    entity_id: str
    ward_code: str | None = None
    village_code: str | None = None


def note(connection: Connection, changes: Sequence[Change]) -> None:
    """Number these changes, in their order."""
    if changes:
        connection.execute(_INSERT, [change._asdict() for change in changes])


def newest(session: Session) -> int:
    return session.scalar(sa.select(sa.func.max(EntityChange.number))) or 0


def changed(session: Session, kind: str, since: int) -> set[str]:
    """Households or children whose own row changed after a number."""
    return set(session.scalars(_after(kind, since)))


def touched(session: Session, kind: str, codes: Collection[str] | None, since: int) -> set[str]:
    """Those that stood under one of these codes before (None: anywhere): gone from there, unless still listed."""
    query = _after(kind, since)
    if codes is not None:
        query = query.where(sa.or_(EntityChange.ward_code.in_(codes), EntityChange.village_code.in_(codes)))
    return set(session.scalars(query))


def _after(kind: str, since: int) -> sa.Select[str]:
    ids = sa.select(EntityChange.entity_id).distinct()
    return ids.where(EntityChange.kind == kind, EntityChange.number > since)
