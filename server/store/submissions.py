"""Submissions, kept byte for byte and append-only, their attachments, and the queue of what is still to be derived.

One row is one set of bytes: the same instance id with other bytes is a second row. ``standing`` says which row of
an instance id counts: ``current``, ``conflict`` (kept, an officer decides), ``superseded`` (an edit replaced it),
``quarantined`` (from a phone that was removed).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, PlainJson, UtcTime
from server.store.forms import FormVersion
from server.store.portions import portions


class Submission(Base):
    __tablename__ = "submissions"
    __table_args__ = (
        sa.UniqueConstraint("province_code", "instance_id", "xml_hash"),
        sa.CheckConstraint("standing in ('current','conflict','superseded','quarantined')", name="standing"),
        sa.Index(
            "uq_submissions_current",
            "province_code",
            "instance_id",
            unique=True,
            sqlite_where=sa.text("standing = 'current'"),
            postgresql_where=sa.text("standing = 'current'"),
        ),
        sa.Index(None, "received_at"),
        sa.Index(None, "person_id", "received_at"),
        sa.Index(
            "ix_submissions_replaces",
            "province_code",
            "deprecated_id",
            sqlite_where=sa.text("deprecated_id IS NOT NULL"),
            postgresql_where=sa.text("deprecated_id IS NOT NULL"),
        ),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    instance_id: Mapped[str] = mapped_column(sa.String(300))
    deprecated_id: Mapped[str | None] = mapped_column(sa.String(300))
    form_id: Mapped[str] = mapped_column(sa.String(200))
    form_version: Mapped[str] = mapped_column(sa.String(100))
    xml: Mapped[bytes]
    xml_hash: Mapped[str] = mapped_column(sa.String(64))
    standing: Mapped[str] = mapped_column(sa.String(20))
    encrypted: Mapped[bool] = mapped_column(default=False)
    complete: Mapped[bool]
    round_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rounds.id"))
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"))
    device_id: Mapped[str | None] = mapped_column(sa.String(200))
    user_agent: Mapped[str | None] = mapped_column(sa.String(300))
    device_time: Mapped[str | None] = mapped_column(sa.String(40))
    received_at: Mapped[datetime] = mapped_column(UtcTime)


class Attachment(Base):
    __tablename__ = "attachments"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "submission_id"], ["submissions.province_code", "submissions.id"]
        ),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    submission_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    filename: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    content_type: Mapped[str] = mapped_column(sa.String(100))
    expected: Mapped[bool]
    received_at: Mapped[datetime] = mapped_column(UtcTime)


class Derivation(Base):
    """What has become of a submission: waiting, done, held (its form is not known yet) or failed."""

    __tablename__ = "derivations"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "submission_id"], ["submissions.province_code", "submissions.id"]
        ),
        sa.CheckConstraint("state in ('waiting','done','held','failed')", name="state"),
        sa.Index(None, "state", "queued_at"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    submission_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(10))
    problem: Mapped[Any] = mapped_column(PlainJson, nullable=True)
    queued_at: Mapped[datetime] = mapped_column(UtcTime)


class SetAside(Base):
    """A payload that was refused; its bytes are kept for an officer, bounded per device."""

    __tablename__ = "set_aside"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"))
    device_id: Mapped[str | None] = mapped_column(sa.String(200))
    problem: Mapped[Any] = mapped_column(PlainJson)
    content: Mapped[bytes]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int] = mapped_column(sa.BigInteger)


SUBMISSIONS: sa.Table = Submission.__table__  # type: ignore[assignment]
ATTACHMENTS: sa.Table = Attachment.__table__  # type: ignore[assignment]
DERIVATIONS: sa.Table = Derivation.__table__  # type: ignore[assignment]
FORMS: sa.Table = FormVersion.__table__  # type: ignore[assignment]
SET_ASIDE: sa.Table = SetAside.__table__  # type: ignore[assignment]


@dataclass(frozen=True)
class KnownCopy:
    """What the decision needs to know of a stored row of an instance id."""

    id: str
    xml_hash: str
    standing: str
    form_id: str


@dataclass(frozen=True)
class KnownFile:
    filename: str
    sha256: str
    size: int
    content_type: str


def around(
    connection: Connection, province: str, instance_id: str
) -> tuple[list[KnownCopy], list[KnownCopy]]:
    """Every stored copy of an instance id, and every stored submission that says it replaces it."""
    copies: list[KnownCopy] = []
    edits: list[KnownCopy] = []
    for own, *columns, _at in connection.execute(_AROUND, {"province": province, "instance": instance_id}):
        (copies if own == instance_id else edits).append(KnownCopy(*columns))
    return copies, edits


def edits_of(connection: Connection, province: str, instance_id: str) -> list[KnownCopy]:
    """Every stored submission that says it replaces this instance id."""
    return around(connection, province, instance_id)[1]


def files(connection: Connection, province: str, submission_id: str) -> list[KnownFile]:
    rows = connection.execute(_FILES, {"province": province, "submission": submission_id})
    return [KnownFile(*row) for row in rows]


class Basis(NamedTuple):
    """What a reading of a submission rests on besides its bytes; a reading of anything else is out of date."""

    standing: str
    round_id: str | None
    queued_at: datetime | None
    form_known: bool


def bases(connection: Connection, province: str, submission_ids: Collection[str]) -> dict[str, Basis]:
    """What the readings of these submissions rest on now; it stays so until the caller's transaction ends.

    PostgreSQL receives corrections side by side with us, hence the lock; SQLite has one writer anyway.
    """
    return {
        row.id: Basis(row.standing, row.round_id, row.queued_at, bool(row.form_known))
        for some in portions(sorted(submission_ids))
        for row in connection.execute(_BASES, {"province": province, "ids": some})
    }


def waiting(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """The next submissions to derive, oldest first: (province, id)."""
    table = DERIVATIONS.c
    rows = connection.execute(
        sa.select(table.province_code, table.submission_id)
        .where(table.state == "waiting")
        .order_by(table.queued_at, table.submission_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def whole(connection: Connection, province: str, submission_ids: Collection[str]) -> dict[str, Any]:
    """These submissions with their bytes and with what a reading of them rests on, by id."""
    return {
        row.id: row
        for some in portions(submission_ids)
        for row in connection.execute(_WHOLE, {"province": province, "ids": some})
    }


def backlog(session: Session) -> dict[str, int]:
    """How many submissions stand in each state of derivation."""
    rows = session.execute(sa.select(Derivation.state, sa.func.count()).group_by(Derivation.state))
    return {state: number for state, number in rows}


def attachment_totals(session: Session) -> tuple[int, int]:
    """How many files submissions name, and their size together."""
    found = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(ATTACHMENTS.c.size), 0)).select_from(
            ATTACHMENTS
        )
    ).one()
    return int(found[0]), int(found[1])


# Written once: on the way of every submission, putting a statement together would cost more than running it.
# Two indexed questions put together: one question with "or" would read the whole table.
def _asked(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    table = SUBMISSIONS.c
    return sa.select(
        table.instance_id, table.id, table.xml_hash, table.standing, table.form_id, table.received_at
    ).where(table.province_code == sa.bindparam("province"), condition)


_AROUND = sa.union_all(
    _asked(SUBMISSIONS.c.instance_id == sa.bindparam("instance")),
    _asked(
        sa.and_(
            SUBMISSIONS.c.deprecated_id == sa.bindparam("instance"),
            SUBMISSIONS.c.deprecated_id.is_not(None),
            SUBMISSIONS.c.instance_id != sa.bindparam("instance"),
        )
    ),
).order_by("received_at", "id")
_FORM_KNOWN = sa.exists().where(
    FORMS.c.form_id == SUBMISSIONS.c.form_id, FORMS.c.version == SUBMISSIONS.c.form_version
)
_WITH_DERIVATION = SUBMISSIONS.outerjoin(
    DERIVATIONS,
    sa.and_(
        DERIVATIONS.c.province_code == SUBMISSIONS.c.province_code,
        DERIVATIONS.c.submission_id == SUBMISSIONS.c.id,
    ),
)
_THESE = sa.and_(
    SUBMISSIONS.c.province_code == sa.bindparam("province"),
    SUBMISSIONS.c.id.in_(sa.bindparam("ids", expanding=True)),
)
_BASES = (
    sa.select(
        SUBMISSIONS.c.id,
        SUBMISSIONS.c.standing,
        SUBMISSIONS.c.round_id,
        DERIVATIONS.c.queued_at,
        _FORM_KNOWN.label("form_known"),
    )
    .select_from(_WITH_DERIVATION)
    .where(_THESE)
    .order_by(SUBMISSIONS.c.id)
    .with_for_update(key_share=True, of=SUBMISSIONS)
)
_WHOLE = (
    sa.select(SUBMISSIONS, DERIVATIONS.c.queued_at, _FORM_KNOWN.label("form_known"))
    .select_from(_WITH_DERIVATION)
    .where(_THESE)
)
_FILES = (
    sa.select(ATTACHMENTS.c.filename, ATTACHMENTS.c.sha256, ATTACHMENTS.c.size, ATTACHMENTS.c.content_type)
    .where(
        ATTACHMENTS.c.province_code == sa.bindparam("province"),
        ATTACHMENTS.c.submission_id == sa.bindparam("submission"),
    )
    .order_by(ATTACHMENTS.c.filename, ATTACHMENTS.c.received_at, ATTACHMENTS.c.sha256)
)
