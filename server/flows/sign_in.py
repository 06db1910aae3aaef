"""Signing in: passwords, one-time links and keys. A secret is shown once; the database keeps its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import argon2
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Who
from server.store import audit, people
from server.store.people import Key, Person

LEAST_PASSWORD = 8
LINK_DAYS = 7
SEEN_STEP = timedelta(minutes=1)

PASSES, MEMORY_KB = 2, 19 * 1024
_hasher = argon2.PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KB, parallelism=1)
# Looks like the hash of a password and costs as much to check; no password has it (all its bits are 0).
_NOBODY = f"$argon2id$v=19$m={MEMORY_KB},t={PASSES},p=1${'A' * 22}${'A' * 43}"


@dataclass(frozen=True)
class Known:
    """The person a secret belongs to, and whether that person was removed since."""

    who: Who
    key_id: str
    removed: bool
    device_id: str | None
    until: datetime | None = None


def hash_password(password: str) -> str:
    if len(password) < LEAST_PASSWORD:
        raise Problem("password_weak", least=LEAST_PASSWORD)
    return _hasher.hash(password)


def new_password() -> str:
    """Easy to read out and type: three groups of four, no look-alike letters; about 58 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def check_password(session: Session, name: str, password: str) -> Person:
    """The person with this name and password; takes as long for an unknown name as for a wrong password."""
    person = people.find_by_name(session, name)
    try:
        _hasher.verify(person.password_hash if person else _NOBODY, password)
    except argon2.exceptions.VerificationError:
        raise Problem("sign_in_failed") from None
    if person is None:
        raise Problem("sign_in_failed")
    if person.removed_at is not None:
        raise Problem("person_removed")
    return person


def issue_key(
    session: Session,
    person_id: str,
    kind: str,
    *,
    now: datetime,
    lasts: timedelta | None = None,
    device_id: str | None = None,
) -> str:
    """A new secret of this kind for the person."""
    secret = secrets.token_urlsafe(32)
    session.add(
        Key(
            id=str(uuid4()),
            person_id=person_id,
            kind=kind,
            secret_hash=secret_hash(secret),
            device_id=device_id,
            created_at=now,
            expires_at=now + lasts if lasts else None,
        )
    )
    return secret


def use_link(session: Session, secret: str, *, now: datetime) -> Person:
    """The person of a one-time sign-in link; the link is spent by this."""
    found = people.find_by_key(session, secret_hash(secret), ("link",))
    if found is None or found[1].revoked_at or _over(found[1], now):
        raise Problem("link_used")
    person, key = found
    if person.removed_at is not None:
        raise Problem("person_removed")
    key.revoked_at = now
    return person


def who_has(session: Session, secret: str, kinds: tuple[str, ...], *, now: datetime) -> Known | None:
    """Whose key this is. A removed person's key is still recognised (late data is kept, apart)."""
    key = people.holder(session.connection(), secret_hash(secret), kinds)
    if key is None:
        return None
    removed = key.removed_at is not None
    if (key.expires_at is not None and key.expires_at <= now) or (key.revoked_at is not None and not removed):
        return None
    return Known(key.who, key.key_id, removed, key.device_id, key.expires_at)


def start_session(
    session: Session,
    person: Person,
    kind: str,
    *,
    now: datetime,
    lasts: timedelta,
    device_id: str | None = None,
) -> str:
    """Open a page session or a phone's token and tell the audit log."""
    secret = issue_key(session, person.id, kind, now=now, lasts=lasts, device_id=device_id)
    audit.tell(session, now=now, person_id=person.id, action=f"sign_in.{kind}", subject=person.id)
    return secret


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _over(key: Key, now: datetime) -> bool:
    return key.expires_at is not None and key.expires_at <= now
