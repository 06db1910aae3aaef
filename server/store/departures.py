"""Known children whom a visit no longer found in the household: moved, died, a wrong entry, come of age. Derived.

Such a child is not observed and not judged; the visit's word is one edit of the child's own row, like an observation.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, PlainJson

HERE = "here"
KINDS = ("moved", "died", "wrong", "grown")


class Departure(Base):
    __tablename__ = "departures"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "submission_id"], ["visits.province_code", "visits.submission_id"]
        ),
        sa.ForeignKeyConstraint(["province_code", "child_id"], ["children.province_code", "children.id"]),
        sa.CheckConstraint("kind in ('moved','died','wrong','grown')", name="kind"),
        sa.Index("ix_departures_child", "province_code", "child_id"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    submission_id: Mapped[str] = mapped_column(sa.String(36), index=True)
    child_id: Mapped[str] = mapped_column(sa.String(64))
    round_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rounds.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    entity: Mapped[Any] = mapped_column(PlainJson, nullable=True)


DEPARTURES: sa.Table = Departure.__table__  # type: ignore[assignment]
