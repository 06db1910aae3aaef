"""What officers decided: events, append-only, never derived. A later decision about the same thing counts.

``class.confirm`` says which class an officer gives a child's observation; a decision without a class takes it back.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, UtcTime


class ClassDecision(Base):
    __tablename__ = "class_decisions"
    __table_args__ = (sa.Index(None, "province_code", "observation_id"),)

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    observation_id: Mapped[str] = mapped_column(sa.String(60))
    screened: Mapped[str | None] = mapped_column(sa.String(20))
    confirmed: Mapped[str | None] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(1000))
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)


def history(session: Session, province: str, observation_id: str) -> list[ClassDecision]:
    """Every decision about an observation, newest first."""
    return list(
        session.scalars(
            sa.select(ClassDecision)
            .where(ClassDecision.province_code == province, ClassDecision.observation_id == observation_id)
            .order_by(ClassDecision.at.desc(), ClassDecision.id)
        )
    )


def standing(session: Session) -> dict[str, ClassDecision]:
    """The decision that counts for each observation; those taken back are left out."""
    found: dict[str, ClassDecision] = {}
    for decision in session.scalars(sa.select(ClassDecision).order_by(ClassDecision.at, ClassDecision.id)):
        found[decision.observation_id] = decision
    return {key: decision for key, decision in found.items() if decision.confirmed is not None}
