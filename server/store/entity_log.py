"""In which order households and children changed, so that a phone fetches only what is new to it.

One row per change of a household's or child's own row, by number, with the place where it stood *before*: whoever
works there must be told that it left. The log is bookkeeping of the office, not derived:
a rebuild that changes nothing adds nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base
from server.store.children import Child
from server.store.households import Household


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


def households(session: Session, area: Collection[str] | None, since: int) -> list[Household]:
    """Households of these villages or wards (None: all) that changed after a number."""
    query = sa.select(Household).where(_changed("household", Household.province_code, Household.id, since))
    if area is not None:
        query = query.where(sa.or_(Household.ward_code.in_(area), Household.village_code.in_(area)))
    return list(session.scalars(query.order_by(Household.id)))


def children(session: Session, area: Collection[str] | None, since: int) -> list[tuple[Child, Household]]:
    """Children of those households that changed themselves, or whose household did (it may have moved here)."""
    query = (
        sa.select(Child, Household)
        .join(
            Household,
            sa.and_(Household.province_code == Child.province_code, Household.id == Child.household_id),
        )
        .where(
            Child.same_as == Child.id,
            sa.or_(
                _changed("child", Child.province_code, Child.id, since),
                _changed("household", Household.province_code, Household.id, since),
            ),
        )
    )
    if area is not None:
        query = query.where(sa.or_(Household.ward_code.in_(area), Household.village_code.in_(area)))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Child.id))]


def touched(session: Session, kind: str, area: Collection[str] | None, since: int) -> set[str]:
    """What changed after a number and stood in this area before: gone from it, unless it is still listed."""
    query = sa.select(EntityChange.entity_id).where(EntityChange.kind == kind, EntityChange.number > since)
    if area is not None:
        query = query.where(sa.or_(EntityChange.ward_code.in_(area), EntityChange.village_code.in_(area)))
    return set(session.scalars(query.distinct()))


def _changed(kind: str, province: Any, entity_id: Any, since: int) -> sa.ColumnElement[bool]:
    if since <= 0:
        return sa.true()
    return sa.exists().where(
        EntityChange.kind == kind,
        EntityChange.number > since,
        EntityChange.province_code == province,
        EntityChange.entity_id == entity_id,
    )
