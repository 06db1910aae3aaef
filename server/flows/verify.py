"""Recomputing every hash of what is kept, and naming what differs. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.store import raw_rows
from server.store.blobs import CHUNK, Blobs
from server.store.copying import integrity
from server.store.forms import FormMedia, FormVersion
from server.store.submissions import SET_ASIDE
from server.store.trials import TRIALS
from sync import digest


@dataclass(frozen=True)
class Difference:
    """One thing that is not what it was: its kind, how it is found, and what is wrong with it."""

    kind: str
    id: str
    what: str


@dataclass
class Verified:
    submissions: int = 0
    attachments: int = 0
    set_aside: int = 0
    trials: int = 0
    forms: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.differences


def verify(session: Session, blobs: Blobs) -> Verified:
    """Every kept byte against its hash. A bucket that is away raises OSError: that proves nothing."""
    done = Verified()
    done.differences += [Difference("database", "", line) for line in integrity(session.connection())]
    for kind, name, matches in _contents(session):
        setattr(done, kind, getattr(done, kind) + 1)
        if not matches:
            done.differences.append(Difference(kind, name, "other bytes"))
    for name, size in raw_rows.referenced_blobs(session):
        done.attachments += 1
        what = _wrong_blob(blobs, name, size)
        if what:
            done.differences.append(Difference("attachments", name, what))
    session.rollback()
    return done


def hash_of(source: BinaryIO) -> tuple[str, int]:
    """The SHA-256 and length of a stream."""
    found, size = sha256(), 0
    while chunk := source.read(CHUNK):
        found.update(chunk)
        size += len(chunk)
    return found.hexdigest(), size


def _contents(session: Session) -> Iterator[tuple[str, str, bool]]:
    for copy, kept_hash in raw_rows.hashes(session):
        yield "submissions", copy.instance_id, digest.of_bytes(raw_rows.xml_of(session, copy)) == kept_hash
    for row in session.execute(sa.select(SET_ASIDE.c.id)).all():
        kept = session.execute(sa.select(SET_ASIDE).where(SET_ASIDE.c.id == row[0])).one()
        yield "set_aside", kept.id, digest.of_bytes(kept.content) == kept.content_hash
    for row in session.execute(sa.select(TRIALS.c.province_code, TRIALS.c.id)).all():
        own = sa.and_(TRIALS.c.province_code == row[0], TRIALS.c.id == row[1])
        trial = session.execute(sa.select(TRIALS).where(own)).one()
        yield "trials", trial.instance_id, digest.of_bytes(trial.xml) == trial.xml_hash
    for form in session.execute(
        sa.select(FormVersion.form_id, FormVersion.version, FormVersion.hash, FormVersion.xform)
    ):
        yield "forms", f"{form.form_id} {form.version}", digest.form_hash(form.xform) == form.hash
    for media in session.execute(sa.select(FormMedia.filename, FormMedia.hash, FormMedia.content)):
        yield "forms", media.filename, digest.form_hash(media.content) == media.hash


def _wrong_blob(blobs: Blobs, name: str, size: int) -> str:
    try:
        with blobs.open(name) as source:
            found, length = hash_of(source)
    except FileNotFoundError:
        return "missing"
    if found != name:
        return "other bytes"
    return "" if length == size else "other length"
