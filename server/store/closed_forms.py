"""Forms that take no new interviews: no phone lists them, while what was begun with them is still taken."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, UtcTime


class ClosedForm(Base):
    """A row as long as the form is closed, whatever versions it has or gets."""

    __tablename__ = "closed_forms"

    form_id: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(UtcTime)
    closed_by: Mapped[str | None] = mapped_column(sa.ForeignKey("people.id"))


def ids(session: Session) -> frozenset[str]:
    return frozenset(session.scalars(sa.select(ClosedForm.form_id)))


def of(session: Session, form_id: str) -> ClosedForm | None:
    return session.get(ClosedForm, form_id)
