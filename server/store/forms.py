"""Published forms, every version byte for byte, with their media."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, UtcTime
from sync.digest import form_hash


class FormVersion(Base):
    __tablename__ = "form_versions"
    __table_args__ = (
        sa.UniqueConstraint("form_id", "version"),
        sa.CheckConstraint("state in ('draft','released','closed')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    form_id: Mapped[str] = mapped_column(sa.String(200))
    version: Mapped[str] = mapped_column(sa.String(100))
    title: Mapped[str] = mapped_column(sa.String(500))
    hash: Mapped[str] = mapped_column(sa.String(50))
    xform: Mapped[bytes]
    source: Mapped[bytes]
    source_name: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(10))
    published_at: Mapped[datetime] = mapped_column(UtcTime)
    published_by: Mapped[str | None] = mapped_column(sa.ForeignKey("people.id"))
    trial_of: Mapped[str | None] = mapped_column(sa.String(100))
    """Of a draft: the version it will have; its own version says that it is a trial (``forms.draft``)."""


class FormMedia(Base):
    __tablename__ = "form_media"

    form_version_id: Mapped[int] = mapped_column(sa.ForeignKey("form_versions.id"), primary_key=True)
    filename: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    hash: Mapped[str] = mapped_column(sa.String(50))
    content: Mapped[bytes]


def find(session: Session, form_id: str, version: str) -> FormVersion | None:
    return session.scalar(
        sa.select(FormVersion).where(FormVersion.form_id == form_id, FormVersion.version == version)
    )


def known(session: Session, form_id: str) -> bool:
    return (
        session.scalar(sa.select(FormVersion.id).where(FormVersion.form_id == form_id).limit(1)) is not None
    )


def current(session: Session) -> list[FormVersion]:
    """The newest released version of every form, in order of form id."""
    newest = (
        sa.select(sa.func.max(FormVersion.id))
        .where(FormVersion.state == "released")
        .group_by(FormVersion.form_id)
    )
    return list(
        session.scalars(
            sa.select(FormVersion).where(FormVersion.id.in_(newest)).order_by(FormVersion.form_id)
        )
    )


def current_of(session: Session, form_id: str) -> FormVersion | None:
    """The newest released version of one form."""
    return session.scalar(
        sa.select(FormVersion)
        .where(FormVersion.form_id == form_id, FormVersion.state == "released")
        .order_by(FormVersion.id.desc())
        .limit(1)
    )


def titles(session: Session) -> list[tuple[str, str]]:
    """Every form that was ever released: its id and newest title."""
    newest = (
        sa.select(sa.func.max(FormVersion.id))
        .where(FormVersion.trial_of.is_(None))
        .group_by(FormVersion.form_id)
    )
    rows = session.execute(
        sa.select(FormVersion.form_id, FormVersion.title)
        .where(FormVersion.id.in_(newest))
        .order_by(FormVersion.form_id)
    )
    return [(form_id, title) for form_id, title in rows]


def drafts(session: Session) -> list[FormVersion]:
    """The drafts that can be tried now, one a form at most."""
    return list(
        session.scalars(
            sa.select(FormVersion).where(FormVersion.state == "draft").order_by(FormVersion.form_id)
        )
    )


def versions_of(session: Session, form_id: str, *, trials: bool = False) -> list[FormVersion]:
    """Every version of one form that answers may have been given in, oldest first; or every draft there was."""
    kind = FormVersion.trial_of.is_not(None) if trials else FormVersion.trial_of.is_(None)
    return list(
        session.scalars(
            sa.select(FormVersion).where(FormVersion.form_id == form_id, kind).order_by(FormVersion.id)
        )
    )


def keep_media(session: Session, form_version_id: int, media: Mapping[str, bytes]) -> list[str]:
    """Add or replace files beside a version; says the names of those that are new or other than before."""
    have = {file.filename: file for file in media_of(session, form_version_id)}
    changed: list[str] = []
    for name, content in sorted(media.items()):
        known = have.get(name)
        if known is not None and known.content == content:
            continue
        changed.append(name)
        if known is None:
            known = FormMedia(form_version_id=form_version_id, filename=name)
            session.add(known)
        known.hash, known.content = form_hash(content), content
    session.flush()
    return changed


def all_versions(session: Session) -> list[FormVersion]:
    return list(session.scalars(sa.select(FormVersion).order_by(FormVersion.form_id, FormVersion.id)))


def media_of(session: Session, form_version_id: int) -> list[FormMedia]:
    return list(
        session.scalars(
            sa.select(FormMedia)
            .where(FormMedia.form_version_id == form_version_id)
            .order_by(FormMedia.filename)
        )
    )
