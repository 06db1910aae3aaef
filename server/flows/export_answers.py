"""The answers of any form, all versions together: a zip of CSV files, with or without media, or a workbook; streamed.

Every submission that counts has its row: one that cannot be read (encrypted, a version not known yet) says why.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any

from sqlalchemy.orm import Session

from exports.columns import Cell
from exports.datasets.csv_zip import write_zip
from exports.datasets.xlsx_book import write_xlsx
from exports.table import About, Plan, plan
from forms.media import choices_in
from forms.problems import Problem
from forms.read import Record, read_submission
from forms.schema import FormSchema
from server.access.rules import Who
from server.flows.export_media import add_media
from server.flows.form_files import GENERATED, ZONE, place_list, schema_of
from server.flows.places import gazetteer
from server.store import answers, audit, forms, people
from server.store.blobs import Blobs
from server.store.forms import FormVersion
from sync.places.as_of import AsOf

KINDS = ("zip", "xlsx", "media")
ENDINGS = {"zip": "zip", "xlsx": "xlsx", "media": "zip"}
EVERYWHERE = Who("", "", "administrator")
CHUNK = 1024 * 1024
PLACE_COLUMNS = ("units_on", "ward_on", "ward_on:label", "village_on", "village_on:label")


@dataclass(frozen=True)
class Exported:
    """``rows`` counts the rows of each file or sheet, ``unread`` the submissions whose answers could not be read.

    ``media`` counts the files that were added, ``media_lost`` those whose bytes are gone.
    """

    form_id: str
    versions: tuple[str, ...]
    rows: dict[str, int]
    unread: int
    media: int = 0
    media_lost: int = 0


@dataclass
class _Reading:
    """What is needed to read one submission after another, and how many could not be."""

    form_id: str
    schemas: dict[str, FormSchema]
    names: dict[str, str]
    plan: Plan
    eyes: AsOf | None = None
    unread: int = field(default=0)


def export_answers(
    session: Session,
    out: IO[bytes],
    *,
    form_id: str,
    kind: str,
    now: datetime,
    by: Who | None,
    trials: bool = False,
    on: date | None = None,
    blobs: Blobs,
) -> Exported:
    """Write the answers of a form within the person's area to ``out``. Raises ``form_not_published``.

    With ``on``, each submission of a household also says in which ward and village of that day it stands.
    Kind ``media`` has the files of the same interviews too; a bucket that is away raises OSError.
    """
    if kind not in KINDS:
        raise Problem("export_kind_unknown", filename=f".{kind}"[:40])
    versions = forms.versions_of(session, form_id, trials=trials)
    if not versions:
        raise Problem("form_not_published", form_id=form_id[:100])
    newest_first = [schema_of(version) for version in reversed(versions)]
    reading = _Reading(
        form_id,
        {version.version: schema_of(version) for version in versions},
        {person.id: person.name for person in people.everyone(session)},
        plan(
            newest_first, _attached(session, versions, newest_first, now), beside=PLACE_COLUMNS if on else ()
        ),
        AsOf(gazetteer(session), on) if on else None,
    )
    kept = answers.trials_of_form(session, form_id) if trials else answers.of_form(session, form_id, by)
    rows = _rows(reading, kept)
    media = (0, 0)
    if kind == "xlsx":
        counts = write_xlsx(reading.plan.tables, rows, out, form_id)
    else:
        counts = write_zip(reading.plan.tables, rows, out, form_id, tempfile.TemporaryFile)
    if kind == "media":
        files = (
            answers.files_of_trials(session, form_id)
            if trials
            else answers.files_of_form(session, form_id, by)
        )
        media = add_media(out, files, blobs)
    return Exported(form_id, tuple(version.version for version in versions), counts, reading.unread, *media)


def tell_export(
    session: Session, made: Exported, *, kind: str, now: datetime, by: Who | None, trials: bool = False
) -> None:
    """The audit line of an export: after the reading, so that nobody had to wait, and before the file goes."""
    audit.tell(
        session,
        now=now,
        person_id=by.id if by else None,
        action="export.trials" if trials else "export.answers",
        subject=made.form_id,
        kind=kind,
        rows=made.rows,
        unread=made.unread,
        **({"media": made.media} if kind == "media" else {}),
    )


def sha256_of(file: IO[bytes]) -> str:
    """The hash of what was written, read back from its beginning."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _rows(reading: _Reading, kept: Iterator[Any]) -> Iterator[tuple[int, list[Cell]]]:
    for row in kept:
        record, problem = _read(reading, row)
        reading.unread += record is None
        about = About(
            row.instance_id,
            row.form_version,
            row.received_at.astimezone(ZONE).isoformat(timespec="seconds"),
            reading.names.get(row.person_id, ""),
            row.device_id or "",
            f"{problem.kind.code} {problem.message('vi')}" if problem else "",
            _standing(reading.eyes, row) if reading.eyes else (),
        )
        yield from reading.plan.rows(about, record)


def _standing(eyes: AsOf, row: Any) -> tuple[Cell, ...]:
    """The day, and the ward and village of that day with their names; empty where it cannot be told."""
    kept = getattr(row, "ward_code", None), getattr(row, "village_code", None)
    codes = eyes.place(*kept, row.visited_on) if any(kept) else (None, None)
    units = [eyes.gazetteer.find(code, on=eyes.on) if code else None for code in codes]
    named = [
        cell for code, unit in zip(codes, units, strict=True) for cell in (code, unit.name if unit else None)
    ]
    return (eyes.on.isoformat(), *named)


def _read(reading: _Reading, row: Any) -> tuple[Record | None, Problem | None]:
    try:
        if row.encrypted:
            raise Problem("submission_is_encrypted")
        schema = reading.schemas.get(row.form_version)
        if schema is None:
            raise Problem("version_unknown", form_id=reading.form_id, version=row.form_version)
        return read_submission(row.xml, schema), None
    except Problem as problem:
        return None, problem


def _attached(
    session: Session, versions: list[FormVersion], schemas: list[FormSchema], now: datetime
) -> dict[str, dict[tuple[str, str], dict[str, str]]]:
    """The labels in the lists beside the form, newest version first; place lists are made as they are today."""
    wanted = {
        (entry.choices.file, entry.choices.columns)
        for schema in schemas
        for entry in schema.fields.values()
        if entry.choices and entry.choices.file
    }
    found: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    for filename, columns in sorted(wanted):
        labels: dict[str, str] = {}
        for content in _contents(session, versions, filename, now):
            labels = choices_in(filename, content, *columns) | labels
        found.setdefault(filename, {})[columns] = labels
    return found


def _contents(session: Session, versions: list[FormVersion], filename: str, now: datetime) -> Iterator[bytes]:
    for version in reversed(versions):
        yield from (file.content for file in forms.media_of(session, version.id) if file.filename == filename)
    if filename in GENERATED:
        yield place_list(filename, gazetteer(session), EVERYWHERE, now.astimezone(ZONE).date())
