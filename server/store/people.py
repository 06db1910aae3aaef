"""People, their areas and their keys (sessions of pages, tokens of phones, OpenRosa key paths, sign-in links)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.access.rules import Who
from server.store.base import Base, UtcTime


class Person(Base):
    __tablename__ = "people"
    __table_args__ = (sa.CheckConstraint("role in ('administrator','officer','collaborator')", name="role"),)

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    password_once: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class PersonArea(Base):
    __tablename__ = "person_areas"

    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)


class Key(Base):
    """A secret that lets someone in; only its SHA-256 is kept."""

    __tablename__ = "keys"
    __table_args__ = (
        sa.CheckConstraint("kind in ('web','phone','openrosa','link')", name="kind"),
        sa.Index(None, "person_id", "kind"),
    )

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    device_id: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)


def name_key(name: str) -> str:
    """The name as it is compared at sign-in: NFC, no case, single spaces. Tone marks count."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def find_by_name(session: Session, name: str) -> Person | None:
    return session.scalar(sa.select(Person).where(Person.name_key == name_key(name)))


def find_by_key(session: Session, secret_hash: str, kinds: tuple[str, ...]) -> tuple[Person, Key] | None:
    """The person and key of a secret, revoked and expired ones too: the caller says what that means."""
    row = session.execute(
        sa.select(Person, Key)
        .join(Key, Key.person_id == Person.id)
        .where(Key.secret_hash == secret_hash, Key.kind.in_(kinds))
    ).first()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True)
class Holder:
    """Who holds a key, as a door needs to know it."""

    who: Who
    removed_at: datetime | None
    key_id: str
    device_id: str | None
    expires_at: datetime | None
    revoked_at: datetime | None


def holder(connection: Connection, secret_hash: str, kinds: tuple[str, ...]) -> Holder | None:
    """Like ``find_by_key`` with the person's area, by one question: programs ask with every request."""
    rows = connection.execute(_HOLDER, {"secret": secret_hash}).all()
    if not rows or rows[0].kind not in kinds:
        return None
    row = rows[0]
    area = tuple(entry.unit_code for entry in rows if entry.unit_code is not None)
    who = Who(row.person_id, row.name, row.role, area)
    return Holder(who, row.removed_at, row.id, row.device_id, row.expires_at, row.revoked_at)


def area_of(session: Session, person_id: str) -> tuple[str, ...]:
    rows = session.scalars(
        sa.select(PersonArea.unit_code)
        .where(PersonArea.person_id == person_id)
        .order_by(PersonArea.unit_code)
    )
    return tuple(rows)


def who_is(session: Session, person: Person) -> Who:
    return Who(person.id, person.name, person.role, area_of(session, person.id))  # type: ignore[arg-type]


def everyone(session: Session) -> list[Person]:
    return list(session.scalars(sa.select(Person).order_by(Person.role, Person.name_key)))


def areas(session: Session) -> dict[str, tuple[str, ...]]:
    """The area of every person, by person id."""
    found: dict[str, list[str]] = {}
    for person_id, code in session.execute(
        sa.select(PersonArea.person_id, PersonArea.unit_code).order_by(PersonArea.unit_code)
    ):
        found.setdefault(person_id, []).append(code)
    return {person_id: tuple(codes) for person_id, codes in found.items()}


def any_administrator(session: Session) -> Person | None:
    return session.scalar(
        sa.select(Person).where(Person.role == "administrator", Person.removed_at.is_(None)).limit(1)
    )


def revoke_keys(session: Session, person_id: str, now: datetime, kinds: tuple[str, ...]) -> int:
    result: Any = session.execute(
        sa.update(Key)
        .where(Key.person_id == person_id, Key.kind.in_(kinds), Key.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return int(result.rowcount)


def last_contact(session: Session) -> dict[str, datetime]:
    """When each person's phone or OpenRosa client was last heard of."""
    rows = session.execute(
        sa.select(Key.person_id, sa.func.max(Key.seen_at).label("seen"))
        .where(Key.kind.in_(("phone", "openrosa")), Key.seen_at.is_not(None))
        .group_by(Key.person_id)
    )
    return {person_id: seen for person_id, seen in rows if seen is not None}


_KEYS, _PEOPLE, _AREAS = Key.__table__, Person.__table__, PersonArea.__table__
_HOLDER = (
    sa.select(
        _KEYS.c.id,
        _KEYS.c.kind,
        _KEYS.c.device_id,
        _KEYS.c.expires_at,
        _KEYS.c.revoked_at,
        _KEYS.c.person_id,
        _PEOPLE.c.name,
        _PEOPLE.c.role,
        _PEOPLE.c.removed_at,
        _AREAS.c.unit_code,
    )
    .join(_PEOPLE, _PEOPLE.c.id == _KEYS.c.person_id)
    .outerjoin(_AREAS, _AREAS.c.person_id == _PEOPLE.c.id)
    .where(_KEYS.c.secret_hash == sa.bindparam("secret"))
    .order_by(_AREAS.c.unit_code)
)
