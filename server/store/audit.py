"""The audit log: who did what, when, to which thing. Append-only; never a name of a child or a family."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, PlainJson, UtcTime


class AuditLine(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    person_id: Mapped[str | None] = mapped_column(sa.ForeignKey("people.id"))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(200))
    details: Mapped[Any] = mapped_column(PlainJson, default=dict)


def tell(
    session: Session | Connection,
    *,
    now: datetime,
    person_id: str | None,
    action: str,
    subject: str,
    **details: object,
) -> None:
    """One line in the transaction of the deed itself."""
    session.execute(
        sa.insert(AuditLine).values(
            at=now, person_id=person_id, action=action, subject=subject, details=details
        )
    )
