"""Survey rounds: the period in which households are visited and counted together."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, UtcTime


class Round(Base):
    __tablename__ = "rounds"
    __table_args__ = (sa.CheckConstraint("state in ('open','closed')", name="state"),)

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(10))
    period_from: Mapped[date]
    period_to: Mapped[date]
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)


def open_round(session: Session) -> Round | None:
    """The round now open; the newest if there are several."""
    return session.scalar(
        sa.select(Round).where(Round.state == "open").order_by(Round.opened_at.desc(), Round.id).limit(1)
    )


def all_rounds(session: Session) -> list[Round]:
    return list(session.scalars(sa.select(Round).order_by(Round.opened_at.desc(), Round.id)))
