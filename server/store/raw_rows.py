"""Kept submissions one after the other, for copies of the very bytes: a few rows at a time, in a stable order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.store.submissions import ATTACHMENTS, SET_ASIDE, SUBMISSIONS, KnownFile, files
from server.store.trials import TRIALS

PAGE = 200


@dataclass(frozen=True)
class Copy:
    """One kept set of bytes of an instance id; the bytes themselves are fetched one by one."""

    province: str
    id: str
    instance_id: str
    deprecated_id: str | None
    standing: str
    received_at: datetime


@dataclass(frozen=True)
class TrialCopy:
    """One kept set of bytes that was filled with a draft."""

    province: str
    id: str
    form_id: str
    form_version: str
    instance_id: str
    files: tuple[KnownFile, ...]


def records(session: Session) -> Iterator[list[Copy]]:
    """The copies of each instance id, in order of reception."""
    table = SUBMISSIONS.c
    after: tuple[str, str] = ("", "")
    while True:
        keys = session.execute(
            sa.select(table.province_code, table.instance_id)
            .where(sa.tuple_(table.province_code, table.instance_id) > sa.tuple_(*map(sa.literal, after)))
            .group_by(table.province_code, table.instance_id)
            .order_by(table.province_code, table.instance_id)
            .limit(PAGE)
        ).all()
        for province, instance_id in keys:
            yield _copies(session, province, instance_id)
        session.rollback()
        if len(keys) < PAGE:
            return
        after = (keys[-1][0], keys[-1][1])


def hashes(session: Session) -> Iterator[tuple[Copy, str]]:
    """Every kept copy with the hash that was noted when it came."""
    table, after = SUBMISSIONS.c, ("", "")
    while True:
        rows = session.execute(
            sa.select(*_columns(), table.xml_hash)
            .where(sa.tuple_(table.province_code, table.id) > sa.tuple_(*map(sa.literal, after)))
            .order_by(table.province_code, table.id)
            .limit(PAGE)
        ).all()
        for row in rows:
            yield Copy(*row[:-1]), row[-1]
        if len(rows) < PAGE:
            return
        after = (rows[-1][0], rows[-1][1])


def xml_of(session: Session, copy: Copy) -> bytes:
    table = SUBMISSIONS.c
    found: bytes = session.execute(
        sa.select(table.xml).where(table.province_code == copy.province, table.id == copy.id)
    ).scalar_one()
    return found


def files_of(session: Session, copy: Copy) -> list[KnownFile]:
    return files(session.connection(), copy.province, copy.id)


def replaced_by(session: Session, copy: Copy) -> list[Copy]:
    """What this copy corrected, and what that had corrected, oldest first; with the versions in conflict with them."""
    table = SUBMISSIONS.c
    found: list[Copy] = []
    wanted, seen = copy.deprecated_id, {copy.instance_id}
    while wanted and wanted not in seen:
        seen.add(wanted)
        older = _copies(session, copy.province, wanted)
        found = [*older, *found]
        wanted = next((one.deprecated_id for one in older if one.deprecated_id), None)
    rivals = session.execute(
        sa.select(*_columns())
        .where(
            table.province_code == copy.province, table.deprecated_id.in_(seen), table.standing == "conflict"
        )
        .order_by(table.received_at, table.id)
    )
    known = {one.id for one in found}
    rival_copies = [Copy(*row) for row in rivals]
    return found + [one for one in rival_copies if one.id not in known and one.instance_id not in seen]


def set_aside(session: Session) -> Iterator[Any]:
    """Every refused payload, one at a time."""
    table = SET_ASIDE.c
    for (key,) in session.execute(sa.select(table.id).order_by(table.received_at, table.id)).all():
        yield session.execute(sa.select(SET_ASIDE).where(table.id == key)).one()


def trials(session: Session) -> Iterator[list[TrialCopy]]:
    """The copies of each instance id in each draft, in order of reception."""
    table = TRIALS.c
    own = (table.form_id, table.form_version, table.instance_id)
    for draft in session.execute(sa.select(*own).group_by(*own).order_by(*own)).all():
        rows = session.execute(
            sa.select(table.province_code, table.id, *own, table.files)
            .where(*(column == value for column, value in zip(own, draft, strict=True)))
            .order_by(table.received_at, table.id)
        )
        yield [TrialCopy(*row[:-1], tuple(_known_file(entry) for entry in row.files)) for row in rows]


def trial_xml(session: Session, copy: TrialCopy) -> bytes:
    found: bytes = session.execute(
        sa.select(TRIALS.c.xml).where(TRIALS.c.province_code == copy.province, TRIALS.c.id == copy.id)
    ).scalar_one()
    return found


def referenced_blobs(session: Session) -> Iterator[tuple[str, int]]:
    """The content hash and size of every attachment that a row names, each once."""
    trial: set[tuple[str, int]] = set()
    for (listed,) in session.execute(sa.select(TRIALS.c.files)).yield_per(PAGE):
        trial |= {(entry["sha256"], entry["size"]) for entry in listed}
    yield from sorted(trial)
    table, after, sizes = ATTACHMENTS.c, "", dict(trial)
    while True:
        rows = session.execute(
            sa.select(table.sha256, sa.func.max(table.size))
            .where(table.sha256 > after)
            .group_by(table.sha256)
            .order_by(table.sha256)
            .limit(PAGE)
        ).all()
        yield from ((row[0], row[1]) for row in rows if row[0] not in sizes)
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def _known_file(entry: Mapping[str, Any]) -> KnownFile:
    return KnownFile(entry["filename"], entry["sha256"], entry["size"], entry["content_type"])


def _columns() -> list[sa.Column[Any]]:
    table = SUBMISSIONS.c
    return [
        table.province_code,
        table.id,
        table.instance_id,
        table.deprecated_id,
        table.standing,
        table.received_at,
    ]


def _copies(session: Session, province: str, instance_id: str) -> list[Copy]:
    table = SUBMISSIONS.c
    rows = session.execute(
        sa.select(*_columns())
        .where(table.province_code == province, table.instance_id == instance_id)
        .order_by(table.received_at, table.id)
    )
    return [Copy(*row) for row in rows]
