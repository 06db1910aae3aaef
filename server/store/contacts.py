"""Whom a collaborator calls in a ward: the telephone number of its child-protection officer."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, UtcTime


class WardContact(Base):
    """One number per ward; ``ward_code`` is that of today, since people call today's officer."""

    __tablename__ = "ward_contacts"

    ward_code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    phone: Mapped[str] = mapped_column(sa.String(20))
    changed_at: Mapped[datetime] = mapped_column(UtcTime)


def numbers(session: Session) -> dict[str, str]:
    """Telephone numbers by ward code."""
    return {row.ward_code: row.phone for row in session.scalars(sa.select(WardContact))}


def keep(session: Session, ward_code: str, phone: str, now: datetime) -> None:
    """Set the number of a ward; an empty one takes it away."""
    if phone:
        session.merge(WardContact(ward_code=ward_code, phone=phone, changed_at=now))
    else:
        session.execute(sa.delete(WardContact).where(WardContact.ward_code == ward_code))
    session.flush()
