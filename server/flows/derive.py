"""Deriving: from kept submissions to the labour-children database. A submission that cannot be read is shown, not lost.

The reading happens before the write lock is taken; the rows of a batch are stored together, and where that fails, one
by one, so that a single submission never holds up the others.
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
from server.store.submissions import DERIVATIONS, SUBMISSIONS
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
    rows: Rows | None = None
    problem: dict[str, object] | None = None


@dataclass(frozen=True)
class Task:
    """A submission still to be read, with the form version it was filled in."""

    source: Source
    form: FormKey


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
    versions: dict[FormKey, bool] = {}
    known_rounds = frames(session)
    for row in _rows(session, keys):
        if row.standing != "current" or row.encrypted:
            outcomes.append(Outcome(row.province_code, row.id, "done"))
            continue
        form = (row.form_id, row.form_version)
        if form not in versions:
            versions[form] = forms.find(session, *form) is not None
        if not versions[form]:
            problem = Problem("version_unknown", form_id=form[0], version=form[1])
            outcomes.append(Outcome(row.province_code, row.id, "held", None, problem.as_data()))
            continue
        day = row.received_at.astimezone(ZONE).date()
        source = Source(
            row.province_code, row.id, row.instance_id, row.xml, row.round_id, day, form, known_rounds
        )
        tasks.append(Task(source, form))
    return tasks, outcomes


def schemas(session: Session, wanted: Iterable[FormKey]) -> dict[FormKey, FormSchema]:
    """The forms of these versions, which exist."""
    found = {key: forms.find(session, *key) for key in wanted}
    return {key: form_files.schema_of(form) for key, form in found.items() if form is not None}


def read(task: Task, schema: FormSchema, places: Gazetteer) -> Outcome:
    """Work one submission out. Whatever it does to us, it waits for a person and blocks nobody else."""
    source = task.source
    try:
        rows = work_out(source, schema, " ".join(task.form), places)
    except Problem as problem:
        return Outcome(source.province, source.submission_id, "failed", None, problem.as_data())
    except Exception as error:
        return _broken(source.province, source.submission_id, error)
    flag, rows.flag = rows.flag, None
    return Outcome(source.province, source.submission_id, "done", rows, flag.as_data() if flag else None)


def store_all(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Store what was worked out (the caller holds the write lock): together, or one by one where that fails."""
    if not _stored(connection, outcomes):
        for outcome in outcomes:
            if not _stored(connection, [outcome]):
                problem = Problem("derivation_failed", reason="DBAPIError").as_data()
                log.error("submission %s cannot be stored", outcome.submission_id)
                _store(connection, [outcome._replace(state="failed", rows=None, problem=problem)])


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
    for province in sorted({outcome.province for outcome in outcomes}):
        _store_of(connection, province, [outcome for outcome in outcomes if outcome.province == province])


def _store_of(connection: Connection, province: str, outcomes: Sequence[Outcome]) -> None:
    given = [(outcome.submission_id, outcome.rows) for outcome in outcomes]
    derived.replace(connection, province, given, identity_events.joined(connection, province))
    connection.execute(
        sa.update(DERIVATIONS)
        .where(
            DERIVATIONS.c.province_code == province,
            DERIVATIONS.c.submission_id == sa.bindparam("of_submission"),
        )
        .values(state=sa.bindparam("new_state"), problem=sa.bindparam("new_problem")),
        [
            {"of_submission": one.submission_id, "new_state": one.state, "new_problem": one.problem}
            for one in outcomes
        ],
    )


def _broken(province: str, submission_id: str, error: Exception) -> Outcome:
    log.error("submission %s cannot be derived: %s", submission_id, type(error).__name__, exc_info=error)
    problem = Problem("derivation_failed", reason=type(error).__name__)
    return Outcome(province, submission_id, "failed", None, problem.as_data())


def _rows(session: Session, keys: Sequence[Key]) -> list[sa.Row[Any]]:
    """These submissions, in the order asked for."""
    found: dict[Key, sa.Row[Any]] = {}
    for province in sorted({province for province, _ in keys}):
        ids = [submission_id for of, submission_id in keys if of == province]
        for row in session.execute(
            sa.select(SUBMISSIONS).where(SUBMISSIONS.c.province_code == province, SUBMISSIONS.c.id.in_(ids))
        ):
            found[province, row.id] = row
    return [found[key] for key in keys if key in found]
