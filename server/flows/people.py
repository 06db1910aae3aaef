"""Adding and removing people, changing passwords, and handing out the ways into the phone app and ODK Collect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Role, Who, may_add
from server.flows import sign_in
from server.store import audit, people
from server.store.people import Person, PersonArea
from server.store.units import UnitRow
from sync.text import nfc


@dataclass(frozen=True)
class Added:
    """What the new person is handed, once."""

    id: str
    name: str
    password: str
    openrosa_url: str
    phone_link: str


def add_person(
    session: Session,
    *,
    name: str,
    role: str,
    area: Sequence[str],
    url: str,
    now: datetime,
    today: date,
    by: Who | None = None,
    password: str = "",
) -> Added:
    """A new person with a one-time password, an OpenRosa key and a sign-in link. ``by`` None is the command line."""
    name = " ".join(nfc(name).split())
    _check_name(session, name)
    if role not in get_args(Role):
        raise Problem("role_unknown", role=role)
    if role == "collaborator" and not area:
        raise Problem("area_needed")
    for code in area:
        _check_area(session, code, today)
    if by is not None and not may_add(by, role, area):  # type: ignore[arg-type]
        raise Problem("not_allowed")
    secret = password or sign_in.new_password()
    person = Person(
        id=str(uuid4()),
        name=name,
        name_key=people.name_key(name),
        role=role,
        password_hash=sign_in.hash_password(secret),
        password_once=not password,
        created_at=now,
    )
    session.add(person)
    session.flush()
    session.add_all(PersonArea(person_id=person.id, unit_code=code) for code in sorted(set(area)))
    audit.tell(
        session, now=now, person_id=by.id if by else None, action="person.add", subject=person.id, role=role
    )
    return Added(
        person.id,
        name,
        secret,
        openrosa_url(session, person, url, now),
        phone_link(session, person, url, now),
    )


def openrosa_url(session: Session, person: Person, url: str, now: datetime) -> str:
    """A new address for ODK Collect; ``/formList`` and ``/submission`` follow it."""
    return f"{url}/key/{sign_in.issue_key(session, person.id, 'openrosa', now=now)}"


def phone_link(session: Session, person: Person, url: str, now: datetime) -> str:
    """A new one-time link into the phone app. The key stands in the fragment, which no server or log sees."""
    secret = sign_in.issue_key(session, person.id, "link", now=now, lasts=timedelta(days=sign_in.LINK_DAYS))
    return f"{url}/phone/#/vao/{secret}"


def remove_person(session: Session, person: Person, *, by: Who, now: datetime) -> None:
    """Close an account: nothing more may be fetched; what its phones still send is kept apart."""
    person.removed_at = now
    people.revoke_keys(session, person.id, now, ("web", "link", "phone", "openrosa"))
    audit.tell(session, now=now, person_id=by.id, action="person.remove", subject=person.id)


def restore_person(session: Session, person: Person, *, by: Who, now: datetime) -> None:
    """Undo a removal; the person signs in anew."""
    person.removed_at = None
    audit.tell(session, now=now, person_id=by.id, action="person.restore", subject=person.id)


def set_password(
    session: Session, person: Person, password: str, *, once: bool, by: str, now: datetime
) -> None:
    person.password_hash = sign_in.hash_password(password)
    person.password_once = once
    audit.tell(session, now=now, person_id=by, action="person.password", subject=person.id)


def _check_name(session: Session, name: str) -> None:
    if not 2 <= len(name) <= 100 or ":" in name or not name.isprintable():
        raise Problem("name_empty")
    if people.find_by_name(session, name) is not None:
        raise Problem("name_taken")


def _check_area(session: Session, code: str, today: date) -> None:
    known = session.scalar(
        sa.select(UnitRow.code)
        .where(UnitRow.code == code, UnitRow.valid_from <= today)
        .where(sa.or_(UnitRow.valid_to.is_(None), UnitRow.valid_to >= today))
        .limit(1)
    )
    if known is None:
        raise Problem("area_unknown", area=code)
