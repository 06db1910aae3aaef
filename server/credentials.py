"""Where the person behind a program comes from: the key in the path, a bearer token, or Basic name and password.

A Basic password is checked with argon2 once and remembered (as a keyed hash, in memory only) while it stays the same;
otherwise every request of an OpenRosa client would cost a tenth of a second.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app, g, request
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Who
from server.access.throttle import Throttle
from server.entrance import mark, now
from server.flows import sign_in
from server.flows.sign_in import Known
from server.store import people
from server.store.base import db
from server.store.mark import Remembered
from server.store.people import Key, Person

throttle = Throttle()
_pepper = secrets.token_bytes(32)
_verified: dict[bytes, tuple[str, str]] = {}
REMEMBERED = 2_000


def by_key(secret: str, kinds: tuple[str, ...]) -> tuple[Who, bool] | None:
    """The person of a key, noting at most once a minute that the device was heard of."""
    remembered: Remembered[Known | None] = current_app.extensions["mangnon.people"]
    key = sign_in.secret_hash(secret), kinds
    known = remembered.get(key, mark(), lambda: sign_in.who_has(db.session(), secret, kinds, now=now()))
    if known is None or (known.until is not None and known.until <= now()):
        return None
    g.key_id, g.key_device = known.key_id, known.device_id
    return known.who, known.removed


def bearer() -> str | None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" and secret.strip() else None


def by_basic() -> tuple[Who, bool] | None:
    """The person of a Basic header; a wrong password raises ``sign_in_failed``."""
    given = request.authorization
    if given is None or given.type != "basic" or not given.username:
        return None
    remembered: Remembered[Who] = current_app.extensions["mangnon.people"]
    name, password = given.username, given.password or ""
    key = "basic", _mark_of(name, password)
    return remembered.get(
        key, mark(), lambda: people.who_is(db.session(), checked_person(db.session(), name, password))
    ), False


def checked_person(session: Session, name: str, password: str) -> Person:
    """Name and password to person, with guesses slowed down per name and sender."""
    known = _mark_of(name, password)
    remembered = _remembered(session, known)
    if remembered is not None:
        return remembered
    subject = f"{people.name_key(name)} from {request.remote_addr}"
    _check_pace(subject, now())
    try:
        person = sign_in.check_password(session, name, password)
    except Problem:
        throttle.failed(subject, now())
        raise
    throttle.succeeded(subject)
    if len(_verified) >= REMEMBERED:
        _verified.pop(next(iter(_verified)))
    _verified[known] = (person.id, person.password_hash)
    return person


def _mark_of(name: str, password: str) -> bytes:
    text = f"{people.name_key(name)}\0{password}"
    return hmac.digest(_pepper, text.encode("utf-8", "surrogatepass"), hashlib.sha256)


def _check_pace(subject: str, moment: datetime) -> None:
    seconds = throttle.wait(subject, moment)
    if seconds:
        raise Problem("sign_in_slow", seconds=seconds)


def _remembered(session: Session, mark: bytes) -> Person | None:
    found = _verified.get(mark)
    person = session.get(Person, found[0]) if found else None
    if person is None or found is None or person.password_hash != found[1] or person.removed_at is not None:
        return None
    return person


def note_contact() -> None:
    """Remember that this key was used just now, at most once a minute, off the answer's path."""
    key_id = getattr(g, "key_id", None)
    if key_id is None:
        return
    moment = now()
    seen = current_app.extensions.setdefault("mangnon.seen", {})
    last = seen.get(key_id)
    if last is not None and abs(moment - last) < timedelta(minutes=1):
        return
    seen[key_id] = moment
    current_app.extensions["mangnon.writer"].write(
        lambda connection: connection.execute(
            sa.update(Key.__table__).where(Key.__table__.c.id == key_id).values(seen_at=moment)  # type: ignore[arg-type]
        )
    )
