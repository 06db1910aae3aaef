"""Receiving an interview: read its envelope, decide, keep the bytes, queue the derivation. Durable when it returns.

Attachments are synced to disk before the row that names them commits; the row commits before anyone is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forms.draft_mark import looks_like_trial
from forms.problems import Problem
from forms.read import Envelope, read_envelope
from server.flows.receive_trial import keep_trial
from server.store import submissions, trials
from server.store.base import one_at_a_time
from server.store.blobs import Blob
from server.store.forms import FormVersion
from server.store.rounds import Round
from server.store.submissions import ATTACHMENTS, DERIVATIONS, SET_ASIDE, SUBMISSIONS
from sync import digest
from sync.decide import Accept, AlreadyHave, Conflict, Edit, Incoming, Kept, Quarantine, decide
from sync.text import nfc

Outcome = Literal["new", "already_had", "edited", "conflict", "quarantined", "trial"]
LONGEST_FORM_ID, LONGEST_VERSION, LONGEST_FILENAME, LONGEST_TYPE = 200, 100, 255, 100
SET_ASIDE_COUNT = 50
SET_ASIDE_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True)
class Sender:
    """Who sent it, with what."""

    person_id: str
    removed: bool
    device_id: str | None = None
    user_agent: str | None = None
    device_time: str | None = None


@dataclass(frozen=True)
class SentFile:
    filename: str
    blob: Blob
    content_type: str


@dataclass(frozen=True)
class Receipt:
    """What was done; ``missing`` are files the interview names that have not come yet, ``unnamed`` came unasked."""

    outcome: Outcome
    submission_id: str
    missing: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    held: bool = False


@dataclass(frozen=True)
class _Delivery:
    envelope: Envelope
    xml: bytes
    xml_hash: str
    files: Sequence[SentFile]
    sender: Sender
    province: str
    now: datetime


def receive(
    xml: bytes,
    files: Sequence[SentFile],
    sender: Sender,
    *,
    province: str,
    now: datetime,
    write: Callable[[Callable[[Connection], Receipt]], Receipt],
) -> Receipt:
    """Keep one delivery. Raises Problem for what cannot be a submission (the caller puts its bytes aside)."""
    envelope = read_envelope(xml)
    _check_lengths(envelope, files)
    delivery = _Delivery(envelope, xml, digest.of_bytes(xml), files, sender, province, now)
    return write(lambda connection: _keep(connection, delivery))


def _check_lengths(envelope: Envelope, files: Sequence[SentFile]) -> None:
    """What does not fit its column is refused here, with its reason: databases differ in what they would do."""
    names = [(envelope.form_id, LONGEST_FORM_ID), (envelope.version, LONGEST_VERSION)]
    names += [(file.filename, LONGEST_FILENAME) for file in files]
    for name, longest in names:
        if len(nfc(name)) > longest or "\0" in name:
            raise Problem("name_too_long", limit=longest)


def put_aside(connection: Connection, xml: bytes, problem: Problem, sender: Sender, *, now: datetime) -> bool:
    """Keep refused bytes for an officer, bounded per person so that a broken client cannot fill the disk."""
    table = SET_ASIDE.c
    one_at_a_time(connection, f"set_aside {sender.person_id}")
    count, size, same = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(table.size), 0),
            sa.func.coalesce(
                sa.func.sum(sa.case((table.content_hash == digest.of_bytes(xml), 1), else_=0)), 0
            ),
        ).where(table.person_id == sender.person_id)
    ).one()
    if same or count >= SET_ASIDE_COUNT or size + len(xml) > SET_ASIDE_BYTES:
        return bool(same)
    connection.execute(
        sa.insert(SET_ASIDE).values(
            id=str(uuid4()),
            received_at=now,
            person_id=sender.person_id,
            device_id=sender.device_id,
            problem=problem.as_data(),
            content=xml,
            content_hash=digest.of_bytes(xml),
            size=len(xml),
        )
    )
    return True


def _keep(connection: Connection, delivery: _Delivery) -> Receipt:
    envelope = delivery.envelope
    # Asked only where it can matter: intake is counted in microseconds. An edit would touch what it replaces.
    suspect = looks_like_trial(envelope.version) or envelope.deprecated_id
    if suspect and trials.is_of_draft(connection, envelope.form_id, envelope.version):
        return _trial(connection, delivery)
    decision = decide(
        Incoming(envelope.instance_id, delivery.xml_hash, envelope.deprecated_id, delivery.sender.removed),
        _kept(connection, delivery.province, envelope.instance_id),
        _kept(connection, delivery.province, envelope.deprecated_id) if envelope.deprecated_id else (),
    )
    match decision:
        case AlreadyHave(id=known):
            return _add_files(connection, delivery, known, "already_had")
        case Accept():
            return _insert(connection, delivery, "current", "new")
        case Edit(replaces=old):
            return _edit(connection, delivery, old)
        case Conflict():
            return _insert(connection, delivery, "conflict", "conflict")
        case Quarantine():
            return _insert(connection, delivery, "quarantined", "quarantined")
        case _:
            assert_never(decision)


def _kept(connection: Connection, province: str, instance_id: str) -> list[Kept]:
    return [
        Kept(copy.id, copy.xml_hash, copy.standing)
        for copy in submissions.copies(connection, province, instance_id)
    ]


def _insert(connection: Connection, delivery: _Delivery, standing: str, outcome: Outcome) -> Receipt:
    envelope, sender = delivery.envelope, delivery.sender
    versions = set(
        connection.scalars(
            sa.select(FormVersion.__table__.c.version).where(
                FormVersion.__table__.c.form_id == envelope.form_id
            )
        )
    )
    if not versions:
        raise Problem("form_unknown", form_id=envelope.form_id)
    held = envelope.version not in versions
    if held and trials.is_of_draft(connection, envelope.form_id, envelope.version):
        return _trial(connection, delivery)
    submission_id = str(uuid4())
    missing = _missing(envelope, [file.filename for file in delivery.files])
    connection.execute(
        sa.insert(SUBMISSIONS).values(
            province_code=delivery.province,
            id=submission_id,
            instance_id=envelope.instance_id,
            deprecated_id=envelope.deprecated_id,
            form_id=envelope.form_id,
            form_version=envelope.version,
            xml=delivery.xml,
            xml_hash=delivery.xml_hash,
            standing=standing,
            encrypted=envelope.encrypted,
            complete=not missing,
            round_id=_open_round(connection),
            person_id=sender.person_id,
            device_id=sender.device_id,
            user_agent=sender.user_agent,
            device_time=sender.device_time,
            received_at=delivery.now,
        )
    )
    connection.execute(
        sa.insert(DERIVATIONS).values(
            province_code=delivery.province,
            submission_id=submission_id,
            state="held" if held else "waiting",
            problem=Problem("version_unknown", form_id=envelope.form_id, version=envelope.version).as_data()
            if held
            else None,
            queued_at=delivery.now,
        )
    )
    receipt = _add_files(connection, delivery, submission_id, outcome)
    return Receipt(receipt.outcome, submission_id, receipt.missing, receipt.unnamed, held)


def _trial(connection: Connection, delivery: _Delivery) -> Receipt:
    """Keep what was filled with a draft, apart from all real data."""
    fresh, trial_id, missing, unnamed = keep_trial(
        connection,
        delivery.envelope,
        delivery.xml,
        delivery.xml_hash,
        [
            {
                "filename": nfc(file.filename),
                "sha256": file.blob.sha256,
                "size": file.blob.size,
                "content_type": file.content_type,
            }
            for file in delivery.files
        ],
        province=delivery.province,
        person_id=delivery.sender.person_id,
        device_id=delivery.sender.device_id,
        now=delivery.now,
    )
    return Receipt("trial" if fresh else "already_had", trial_id, missing, unnamed)


def _edit(connection: Connection, delivery: _Delivery, old_id: str) -> Receipt:
    """Keep the edit as current, lend it the unchanged files by name, and mark what it replaces."""
    connection.execute(
        sa.update(SUBMISSIONS)
        .where(SUBMISSIONS.c.province_code == delivery.province, SUBMISSIONS.c.id == old_id)
        .values(standing="superseded")
    )
    requeue(connection, delivery.province, old_id, delivery.now)
    receipt = _insert(connection, delivery, "current", "edited")
    sent = {nfc(file.filename) for file in delivery.files}
    lent = [
        SentFile(file.filename, Blob(file.sha256, file.size), file.content_type)
        for file in submissions.files(connection, delivery.province, old_id)
        if file.filename in receipt.missing and file.filename not in sent
    ]
    if not lent:
        return receipt
    with_lent = _Delivery(
        delivery.envelope,
        delivery.xml,
        delivery.xml_hash,
        lent,
        delivery.sender,
        delivery.province,
        delivery.now,
    )
    added = _add_files(connection, with_lent, receipt.submission_id, "edited")
    return Receipt("edited", receipt.submission_id, added.missing, receipt.unnamed, receipt.held)


def _add_files(connection: Connection, delivery: _Delivery, submission_id: str, outcome: Outcome) -> Receipt:
    """Add the files that are not there yet; say which are still missing."""
    table = ATTACHMENTS
    have = submissions.files(connection, delivery.province, submission_id)
    held = {(file.filename, file.sha256) for file in have}
    names = set(delivery.envelope.media)
    rows = {
        (nfc(file.filename), file.blob.sha256): {
            "province_code": delivery.province,
            "submission_id": submission_id,
            "filename": nfc(file.filename),
            "sha256": file.blob.sha256,
            "size": file.blob.size,
            "content_type": file.content_type[:LONGEST_TYPE],
            "expected": nfc(file.filename) in names,
            "received_at": delivery.now,
        }
        for file in delivery.files
    }
    fresh = [row for key, row in rows.items() if key not in held]
    if fresh:
        connection.execute(sa.insert(table), fresh)
    there = [file.filename for file in have] + [str(row["filename"]) for row in fresh]
    missing = _missing(delivery.envelope, there)
    if have or outcome != "new":
        connection.execute(
            sa.update(SUBMISSIONS)
            .where(SUBMISSIONS.c.province_code == delivery.province, SUBMISSIONS.c.id == submission_id)
            .values(complete=not missing)
        )
    unnamed = tuple(sorted(str(row["filename"]) for row in rows.values() if not row["expected"]))
    return Receipt(outcome, submission_id, missing, unnamed)


def requeue(connection: Connection, province: str, submission_id: str, now: datetime) -> None:
    """Have a submission derived again."""
    connection.execute(
        sa.update(DERIVATIONS)
        .where(DERIVATIONS.c.province_code == province, DERIVATIONS.c.submission_id == submission_id)
        .values(state="waiting", problem=None, queued_at=now)
    )


def _missing(envelope: Envelope, there: Sequence[str]) -> tuple[str, ...]:
    have = {nfc(name) for name in there}
    return tuple(name for name in envelope.media if name not in have)


def _open_round(connection: Connection) -> str | None:
    table = Round.__table__.c
    found: str | None = connection.scalar(
        sa.select(table.id).where(table.state == "open").order_by(table.opened_at.desc(), table.id).limit(1)
    )
    return found
