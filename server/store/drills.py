"""What the nightly restore drills found: one row a drill."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, PlainJson, UtcTime


class Drill(Base):
    """``problem`` is empty when the backup was made again into an equal office."""

    __tablename__ = "drills"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    submissions: Mapped[int | None]
    attachments: Mapped[int | None]
    problem: Mapped[Any] = mapped_column(PlainJson, nullable=True)


def latest(session: Session, now: datetime) -> Drill | None:
    """The last one until now: one in the future was begun by a clock that has been set back since."""
    return session.scalar(
        sa.select(Drill).where(Drill.started_at <= now).order_by(Drill.started_at.desc()).limit(1)
    )
