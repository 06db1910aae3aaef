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
from server.store.blobs import Blob
from server.store.forms import FormVersion
from server.store.rounds import Round
from server.store.submissions import ATTACHMENTS, DERIVATIONS, SUBMISSIONS, KnownCopy
from sync import digest
from sync.decide import (
    Accept,
    AlreadyHave,
    Conflict,
    Edit,
    Incoming,
    Kept,
    Known,
    Overtaken,
    Quarantine,
    decide,
)
from sync.text import nfc

Outcome = Literal["new", "already_had", "edited", "conflict", "overtaken", "quarantined", "trial"]
LONGEST_FORM_ID, LONGEST_VERSION, LONGEST_TYPE = 200, 100, 100
LONGEST_ID = 300
FORMS: sa.Table = FormVersion.__table__  # type: ignore[assignment]
ROUNDS: sa.Table = Round.__table__  # type: ignore[assignment]


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


def open_envelope(xml: bytes) -> Envelope:
    """Whose interview this is; raises a Problem for what cannot be a submission."""
    envelope = read_envelope(xml)
    for name, longest in ((envelope.form_id, LONGEST_FORM_ID), (envelope.version, LONGEST_VERSION)):
        # What does not fit its column is refused here, with its reason: databases differ in what they would do.
        if len(nfc(name)) > longest:
            raise Problem("name_too_long", limit=longest)
    return envelope


def receive(
    envelope: Envelope,
    xml: bytes,
    files: Sequence[SentFile],
    sender: Sender,
    *,
    province: str,
    now: datetime,
    write: Callable[[Callable[[Connection], Receipt]], Receipt],
) -> Receipt:
    """Keep one delivery. Raises Problem for what cannot be kept as one (the caller puts its bytes aside)."""
    delivery = _Delivery(envelope, xml, digest.of_bytes(xml), files, sender, province, now)
    return write(lambda connection: _keep(connection, delivery))


def check_form(connection: Connection, form_id: str) -> None:
    """Raises ``form_unknown``: asked before large files are kept for a form that nobody published."""
    if connection.scalar(sa.select(FORMS.c.id).where(FORMS.c.form_id == form_id).limit(1)) is None:
        raise Problem("form_unknown", form_id=form_id)


def _keep(connection: Connection, delivery: _Delivery) -> Receipt:
    envelope = delivery.envelope
    # Asked only where it can matter: intake is counted in microseconds. An edit would touch what it replaces.
    suspect = looks_like_trial(envelope.version) or envelope.deprecated_id
    if suspect and trials.is_of_draft(connection, envelope.form_id, envelope.version):
        return _trial(connection, delivery)
    incoming = Incoming(
        envelope.instance_id, delivery.xml_hash, envelope.deprecated_id, delivery.sender.removed
    )
    decision = decide(incoming, _known(connection, delivery.province, envelope))
    match decision:
        case AlreadyHave(id=known):
            receipt = _add_files(connection, delivery, known, "already_had")
            _lend_to_edits(connection, delivery, known)
            return receipt
        case Accept():
            return _insert(connection, delivery, "current", "new")
        case Edit(replaces=old):
            return _edit(connection, delivery, old)
        case Conflict():
            return _insert(connection, delivery, "conflict", "conflict")
        case Overtaken():
            receipt = _insert(connection, delivery, "superseded", "overtaken")
            _lend_to_edits(connection, delivery, receipt.submission_id)
            return receipt
        case Quarantine():
            return _insert(connection, delivery, "quarantined", "quarantined")
        case _:
            assert_never(decision)


def _known(connection: Connection, province: str, envelope: Envelope) -> Known:
    own, old = envelope.instance_id, envelope.deprecated_id
    same, edits = submissions.around(connection, province, own)
    if old is None:
        return Known(_plain(same), (), _plain(edits))
    replaced, rivals = submissions.around(connection, province, old)
    return Known(_plain(same), _plain(replaced), _plain(edits), _plain(rivals))


def _plain(copies: Sequence[KnownCopy]) -> tuple[Kept, ...]:
    return tuple(Kept(copy.id, copy.xml_hash, copy.standing) for copy in copies)


def _insert(connection: Connection, delivery: _Delivery, standing: str, outcome: Outcome) -> Receipt:
    envelope, sender = delivery.envelope, delivery.sender
    round_id, form_known, version_known = connection.execute(
        _AROUND, {"form_id": envelope.form_id, "version": envelope.version}
    ).one()
    if not form_known:
        raise Problem("form_unknown", form_id=envelope.form_id)
    held = not version_known
    if held and trials.is_of_draft(connection, envelope.form_id, envelope.version):
        return _trial(connection, delivery)
    submission_id = str(uuid4())
    missing = _missing(envelope, [file.filename for file in delivery.files])
    connection.execute(
        _INSERT_SUBMISSION,
        {
            "province_code": delivery.province,
            "id": submission_id,
            "instance_id": envelope.instance_id,
            "deprecated_id": envelope.deprecated_id[:LONGEST_ID] if envelope.deprecated_id else None,
            "form_id": envelope.form_id,
            "form_version": envelope.version,
            "xml": delivery.xml,
            "xml_hash": delivery.xml_hash,
            "standing": standing,
            "encrypted": envelope.encrypted,
            "complete": not missing,
            "round_id": round_id,
            "person_id": sender.person_id,
            "device_id": sender.device_id,
            "user_agent": sender.user_agent,
            "device_time": sender.device_time,
            "received_at": delivery.now,
        },
    )
    waits = Problem("version_unknown", form_id=envelope.form_id, version=envelope.version) if held else None
    connection.execute(
        _INSERT_DERIVATION,
        {
            "province_code": delivery.province,
            "submission_id": submission_id,
            "state": "held" if held else "waiting",
            "problem": waits.as_data() if waits else None,
            "queued_at": delivery.now,
        },
    )
    if not delivery.files:
        return Receipt(outcome, submission_id, missing, (), held)
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
    lent = _lend(
        connection, delivery.province, old_id, receipt.submission_id, delivery.envelope.media, delivery.now
    )
    missing = tuple(name for name in receipt.missing if name not in lent)
    return Receipt("edited", receipt.submission_id, missing, receipt.unnamed, receipt.held)


def _lend_to_edits(connection: Connection, delivery: _Delivery, submission_id: str) -> None:
    """Files of an original that came after its edit, or later than it, go on to what replaced it."""
    if not delivery.files:
        return
    for edit in submissions.edits_of(connection, delivery.province, delivery.envelope.instance_id):
        xml = connection.scalar(
            sa.select(SUBMISSIONS.c.xml).where(
                SUBMISSIONS.c.province_code == delivery.province,
                SUBMISSIONS.c.id == edit.id,
                SUBMISSIONS.c.complete.is_(False),
            )
        )
        if xml is not None:
            media = read_envelope(xml).media
            _lend(connection, delivery.province, submission_id, edit.id, media, delivery.now)


def _lend(
    connection: Connection, province: str, from_id: str, to_id: str, media: Sequence[str], now: datetime
) -> frozenset[str]:
    """Carry unchanged files over by name; says which names."""
    there = {file.filename for file in submissions.files(connection, province, to_id)}
    wanted = set(media) - there
    lent = [file for file in submissions.files(connection, province, from_id) if file.filename in wanted]
    if not lent:
        return frozenset()
    connection.execute(
        sa.insert(ATTACHMENTS),
        [
            {
                "province_code": province,
                "submission_id": to_id,
                "filename": file.filename,
                "sha256": file.sha256,
                "size": file.size,
                "content_type": file.content_type,
                "expected": True,
                "received_at": now,
            }
            for file in lent
        ],
    )
    names = frozenset(file.filename for file in lent)
    _mark_complete(connection, province, to_id, not wanted - names)
    return names


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
        _mark_complete(connection, delivery.province, submission_id, not missing)
    unnamed = tuple(sorted(str(row["filename"]) for row in rows.values() if not row["expected"]))
    return Receipt(outcome, submission_id, missing, unnamed)


def _mark_complete(connection: Connection, province: str, submission_id: str, complete: bool) -> None:
    connection.execute(
        sa.update(SUBMISSIONS)
        .where(SUBMISSIONS.c.province_code == province, SUBMISSIONS.c.id == submission_id)
        .values(complete=complete)
    )


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


_AROUND = sa.select(
    sa.select(ROUNDS.c.id)
    .where(ROUNDS.c.state == "open")
    .order_by(ROUNDS.c.opened_at.desc(), ROUNDS.c.id)
    .limit(1)
    .scalar_subquery(),
    sa.exists().where(FORMS.c.form_id == sa.bindparam("form_id")),
    sa.exists().where(FORMS.c.form_id == sa.bindparam("form_id"), FORMS.c.version == sa.bindparam("version")),
)
_INSERT_SUBMISSION = sa.insert(SUBMISSIONS)
_INSERT_DERIVATION = sa.insert(DERIVATIONS)
