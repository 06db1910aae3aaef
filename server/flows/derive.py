"""Deriving: from kept submissions to the labour-children database. A submission that cannot be read is shown, not lost.

The reading happens before the write lock is taken; what has changed meanwhile (a correction came) is not stored but
waits on. The rows of a batch are stored together, and where that fails, one by one, so that a single submission never
holds up the others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from forms.problems import Problem
from forms.schema import FormSchema
from server.flows import form_files
from server.flows.form_files import ZONE
from server.flows.places import gazetteer
from server.flows.rounds import frames
from server.flows.work_out import Rows, Source, work_out
from server.store import derived, forms, identity_events, submissions
from server.store.base import begin_writing, db, refuses_the_data
from server.store.submissions import DERIVATIONS, Basis
from sync.places.gazetteer import Gazetteer

log = logging.getLogger("mangnon")
Key = tuple[str, str]
FormKey = tuple[str, str]
BATCH = 100


class Outcome(NamedTuple):
    """What one submission gives: its state, rows and problem (as data)."""

    province: str
    submission_id: str
    state: str
    basis: Basis
    rows: Rows | None = None
    problem: dict[str, object] | None = None


@dataclass(frozen=True)
class Task:
    """A submission still to be read, with the form version it was filled in."""

    source: Source
    form: FormKey
    basis: Basis


def derive_waiting(*, limit: int, now: datetime) -> int:
    """Derive the next waiting submissions; says how many were handled."""
    session = db.session()
    try:
        keys = submissions.waiting(session.connection(), limit)
        if not keys:
            return 0
        outcomes = work_out_all(session, keys)
        begin_writing(session)
        store_all(session.connection(), outcomes)
        session.commit()
        return len(keys)
    finally:
        session.rollback()


def work_out_all(session: Session, keys: Sequence[Key]) -> list[Outcome]:
    """What each submission gives."""
    places = gazetteer(session)
    tasks, outcomes = prepare(session, keys)
    known = schemas(session, {task.form for task in tasks})
    return outcomes + [read(task, known[task.form], places) for task in tasks]


def prepare(session: Session, keys: Sequence[Key]) -> tuple[list[Task], list[Outcome]]:
    """What is to be read of these submissions, and the outcomes of those that give nothing."""
    tasks, outcomes = [], []
    known_rounds = frames(session)
    for row in _rows(session, keys):
        basis = Basis(row.standing, row.round_id, row.queued_at, bool(row.form_known))
        if row.standing != "current" or row.encrypted:
            outcomes.append(Outcome(row.province_code, row.id, "done", basis))
            continue
        form = (row.form_id, row.form_version)
        if not basis.form_known:
            problem = Problem("version_unknown", form_id=form[0], version=form[1])
            outcomes.append(Outcome(row.province_code, row.id, "held", basis, None, problem.as_data()))
            continue
        day = row.received_at.astimezone(ZONE).date()
        source = Source(
            row.province_code, row.id, row.instance_id, row.xml, row.round_id, day, form, known_rounds
        )
        tasks.append(Task(source, form, basis))
    return tasks, outcomes


def schemas(session: Session, wanted: Iterable[FormKey]) -> dict[FormKey, FormSchema]:
    """The forms of these versions, which exist."""
    found = {key: forms.find(session, *key) for key in wanted}
    return {key: form_files.schema_of(form) for key, form in found.items() if form is not None}


def read(task: Task, schema: FormSchema, places: Gazetteer) -> Outcome:
    """Work one submission out. Whatever it does to us, it waits for a person and blocks nobody else."""
    source = task.source
    own = (source.province, source.submission_id)
    try:
        rows = work_out(source, schema, " ".join(task.form), places)
    except Problem as problem:
        return Outcome(*own, "failed", task.basis, None, problem.as_data())
    except Exception as error:
        log.error("submission %s cannot be derived: %s", own[1], type(error).__name__, exc_info=error)
        broken = Problem("derivation_failed", reason=type(error).__name__)
        return Outcome(*own, "failed", task.basis, None, broken.as_data())
    flag, rows.flag = rows.flag, None
    return Outcome(*own, "done", task.basis, rows, flag.as_data() if flag else None)


def store_all(connection: Connection, outcomes: Sequence[Outcome]) -> list[Key]:
    """Store what was worked out (the caller holds the write lock): together, or one by one where that fails.

    Gives the submissions that are not stored, since they no longer are what was read.
    """
    lasting, changed = _lasting(connection, outcomes)
    if not _stored(connection, lasting):
        for outcome in lasting:
            if not _stored(connection, [outcome]):
                problem = Problem("derivation_failed", reason="DBAPIError").as_data()
                log.error("submission %s cannot be stored", outcome.submission_id)
                _store(connection, [outcome._replace(state="failed", rows=None, problem=problem)])
    return changed


def _lasting(connection: Connection, outcomes: Sequence[Outcome]) -> tuple[list[Outcome], list[Key]]:
    """The outcomes that still hold, and the submissions whose outcomes do not."""
    now: dict[Key, Basis] = {}
    for province, own in _by_province(outcomes).items():
        ids = [outcome.submission_id for outcome in own]
        now |= {(province, key): basis for key, basis in submissions.bases(connection, province, ids).items()}
    lasting = [one for one in outcomes if now.get((one.province, one.submission_id)) == one.basis]
    known = {(one.province, one.submission_id) for one in lasting}
    keys = [(one.province, one.submission_id) for one in outcomes]
    return lasting, [key for key in keys if key in now and key not in known]


def _by_province(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.province, []).append(outcome)
    return found


def _stored(connection: Connection, outcomes: Sequence[Outcome]) -> bool:
    """False when the database refuses these rows; a database that is full or locked is everybody's matter."""
    try:
        with connection.begin_nested():
            _store(connection, outcomes)
    except DBAPIError as error:
        if not refuses_the_data(error):
            raise
        return False
    return True


def _store(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    for province, own in sorted(_by_province(outcomes).items()):
        _store_of(connection, province, own)


def _store_of(connection: Connection, province: str, outcomes: Sequence[Outcome]) -> None:
    given = [(outcome.submission_id, outcome.rows) for outcome in outcomes]
    derived.replace(connection, province, given, identity_events.joined(connection, province))
    connection.execute(
        _DERIVED,
        [
            {
                "of_province": province,
                "of_submission": one.submission_id,
                "new_state": one.state,
                "new_problem": one.problem,
            }
            for one in outcomes
        ],
    )


def _rows(session: Session, keys: Sequence[Key]) -> list[sa.Row[Any]]:
    """These submissions, in the order asked for."""
    found: dict[Key, sa.Row[Any]] = {}
    for province in sorted({province for province, _ in keys}):
        ids = [submission_id for of, submission_id in keys if of == province]
        rows = submissions.whole(session.connection(), province, ids)
        found |= {(province, submission_id): row for submission_id, row in rows.items()}
    return [found[key] for key in keys if key in found]


_DERIVED = (
    sa.update(DERIVATIONS)
    .where(
        DERIVATIONS.c.province_code == sa.bindparam("of_province"),
        DERIVATIONS.c.submission_id == sa.bindparam("of_submission"),
    )
    .values(state=sa.bindparam("new_state"), problem=sa.bindparam("new_problem"))
)
