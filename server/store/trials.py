"""Interviews filled with a draft of a form, kept byte for byte and apart: no list of real data meets them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from server.store.base import Base, PlainJson, UtcTime
from server.store.forms import FormVersion
from server.store.people import Person


class Trial(Base):
    """One set of bytes; ``files`` lists name, hash, size and type of what came with it."""

    __tablename__ = "trials"
    __table_args__ = (
        sa.UniqueConstraint("province_code", "instance_id", "xml_hash"),
        sa.Index(None, "form_id", "received_at"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    instance_id: Mapped[str] = mapped_column(sa.String(300))
    form_id: Mapped[str] = mapped_column(sa.String(200))
    form_version: Mapped[str] = mapped_column(sa.String(100))
    xml: Mapped[bytes]
    xml_hash: Mapped[str] = mapped_column(sa.String(64))
    files: Mapped[Any] = mapped_column(PlainJson)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"))
    device_id: Mapped[str | None] = mapped_column(sa.String(200))
    received_at: Mapped[datetime] = mapped_column(UtcTime)


TRIALS: sa.Table = Trial.__table__  # type: ignore[assignment]
_FORMS: sa.Table = FormVersion.__table__  # type: ignore[assignment]


def is_of_draft(connection: Connection, form_id: str, version: str) -> bool:
    """Whether this version is a draft's own (for good), or the version that a draft still open will have."""
    table = _FORMS.c
    own = sa.and_(table.version == version, table.trial_of.is_not(None))
    coming = sa.and_(table.trial_of == version, table.state == "draft")
    found = connection.scalar(
        sa.select(table.id).where(table.form_id == form_id, sa.or_(own, coming)).limit(1)
    )
    return found is not None


def copy_of(connection: Connection, province: str, instance_id: str, xml_hash: str) -> tuple[str, Any] | None:
    """The id and files of the same bytes, if they were kept before."""
    row = connection.execute(
        sa.select(TRIALS.c.id, TRIALS.c.files).where(
            TRIALS.c.province_code == province,
            TRIALS.c.instance_id == instance_id,
            TRIALS.c.xml_hash == xml_hash,
        )
    ).first()
    return (row.id, row.files) if row else None


def count(session: Session, form_id: str) -> int:
    return session.scalar(sa.select(sa.func.count()).where(TRIALS.c.form_id == form_id)) or 0


def newest(session: Session, form_id: str, limit: int) -> list[tuple[Trial, str]]:
    """The trials that came last, each with the name of who sent it."""
    rows = session.execute(
        sa.select(Trial, Person.name)
        .join(Person, Person.id == Trial.person_id)
        .where(Trial.form_id == form_id)
        .order_by(Trial.received_at.desc(), Trial.id)
        .options(defer(Trial.xml))
        .limit(limit)
    )
    return [(trial, name) for trial, name in rows]


def find(session: Session, form_id: str, trial_id: str) -> Trial | None:
    return session.scalar(sa.select(Trial).where(Trial.form_id == form_id, Trial.id == trial_id))
