"""Deriving: from kept submissions to the labour-children database. A submission that cannot be read is shown, not lost.

The reading happens before the write lock is taken; the rows of a batch are stored in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.flows import form_files
from server.flows.form_files import ZONE
from server.flows.places import gazetteer
from server.flows.work_out import Rows, Source, work_out
from server.store import derived, forms, identity_events, submissions
from server.store.base import begin_writing, db, refuses_the_data
from server.store.submissions import DERIVATIONS, SUBMISSIONS
from sync.places.gazetteer import Gazetteer

log = logging.getLogger("mangnon")
Outcome = tuple[str, str, str, Rows | None, Problem | None]


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


def work_out_all(session: Session, keys: Sequence[tuple[str, str]]) -> list[Outcome]:
    """What each submission gives: its state, rows and problem."""
    places = gazetteer(session)
    return [_one(session, province, submission_id, places) for province, submission_id in keys]


def _one(session: Session, province: str, submission_id: str, places: Gazetteer) -> Outcome:
    row = session.execute(
        sa.select(SUBMISSIONS).where(
            SUBMISSIONS.c.province_code == province, SUBMISSIONS.c.id == submission_id
        )
    ).one()
    if row.standing != "current" or row.encrypted:
        return province, submission_id, "done", None, None
    form = forms.find(session, row.form_id, row.form_version)
    if form is None:
        problem = Problem("version_unknown", form_id=row.form_id, version=row.form_version)
        return province, submission_id, "held", None, problem
    source = Source(
        province,
        submission_id,
        row.instance_id,
        row.xml,
        row.round_id,
        row.received_at.astimezone(ZONE).date(),
    )
    try:
        rows = work_out(source, form_files.schema_of(form), f"{form.form_id} {form.version}", places)
    except Problem as problem:
        return province, submission_id, "failed", None, problem
    except Exception as error:
        # Whatever a form or an interview does to us, it waits for a person and blocks nobody else.
        log.error("submission %s cannot be derived: %s", submission_id, type(error).__name__, exc_info=True)
        return (
            province,
            submission_id,
            "failed",
            None,
            Problem("derivation_failed", reason=type(error).__name__),
        )
    return province, submission_id, "done", rows, rows.flag


def _store(connection: Connection, outcome: Outcome, groups: Mapping[str, str]) -> None:
    province, submission_id, state, rows, problem = outcome
    derived.replace(connection, province, submission_id, rows, groups)
    connection.execute(
        sa.update(DERIVATIONS)
        .where(DERIVATIONS.c.province_code == province, DERIVATIONS.c.submission_id == submission_id)
        .values(state=state, problem=problem.as_data() if problem else None)
    )


def store_all(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """Store what was worked out (the caller holds the write lock)."""
    groups: dict[str, dict[str, str]] = {}
    for outcome in outcomes:
        province, submission_id, *_ = outcome
        if province not in groups:
            groups[province] = identity_events.joined(connection, province)
        try:
            with connection.begin_nested():
                _store(connection, outcome, groups[province])
        except DBAPIError as error:
            if not refuses_the_data(error):
                raise
            # What a database cannot hold waits for a person and blocks nobody else. (The error quotes values.)
            log.error("submission %s cannot be stored: %s", submission_id, type(error).__name__)
            problem = Problem("derivation_failed", reason=type(error).__name__)
            _store(connection, (province, submission_id, "failed", None, problem), groups[province])
