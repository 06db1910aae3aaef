"""Rebuilding: everything derived is computed again from the submissions, in order of reception.

Batch by batch, each in its own transaction, so that a running server goes on receiving meanwhile; every batch takes
away what its submissions gave before. Reading, which is pure, is spread over all processors; storing is done here.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.schema import FormSchema, read_schema
from server.flows.derive import FormKey, Key, Outcome, Task, prepare, read, store_all, work_out_all
from server.flows.places import gazetteer
from server.flows.work_out import Rows
from server.store import derived, forms
from server.store.base import begin_writing, db, dump
from server.store.submissions import SUBMISSIONS
from sync.places.gazetteer import Gazetteer

BATCH = 100
ALONE = 1_000
"""With no more submissions than this, a further process would cost more than it gives."""
JSON_FIELDS = ("facts", "case", "result", "articles", "location", "made_by", "properties")


@dataclass(frozen=True)
class Rebuilt:
    """``same`` tells whether the tables came out as they were; None when that was not asked."""

    submissions: int
    failed: int
    before: str | None
    after: str
    same: bool | None


def rebuild_all(*, check: bool = False, processes: int | None = None) -> Rebuilt:
    """Derive every kept submission again; prints nothing, raises nothing for a submission that cannot be read."""
    session = db.session()
    before = derived.fingerprint(session.connection()) if check else None
    keys = [
        (row[0], row[1])
        for row in session.execute(
            sa.select(SUBMISSIONS.c.province_code, SUBMISSIONS.c.id).order_by(
                SUBMISSIONS.c.received_at, SUBMISSIONS.c.id
            )
        )
    ]
    workers = processes if processes is not None else (os.cpu_count() or 1)
    failed, left = _derive_again(session, keys, workers)
    while left:  # corrected while they were being read
        more, left = _derive_again(session, left, workers)
        failed += more
    after = derived.fingerprint(session.connection())
    session.rollback()
    return Rebuilt(len(keys), failed, before, after, None if before is None else before == after)


def _derive_again(session: Session, keys: list[Key], workers: int) -> tuple[int, list[Key]]:
    """How many of these cannot be read, and those that must be read once more."""
    failed, left = 0, []
    batches = (
        _alone(session, keys) if workers < 2 or len(keys) <= ALONE else _together(session, keys, workers)
    )
    for outcomes in batches:
        begin_writing(session)
        changed = store_all(session.connection(), outcomes)
        session.commit()
        left += changed
        known = frozenset(changed)
        failed += sum(
            one.state == "failed" and (one.province, one.submission_id) not in known for one in outcomes
        )
    return failed, left


def _alone(session: Session, keys: list[Key]) -> Iterator[list[Outcome]]:
    for start in range(0, len(keys), BATCH):
        yield work_out_all(session, keys[start : start + BATCH])


def _together(session: Session, keys: list[Key], workers: int) -> Iterator[list[Outcome]]:
    """The same by several processes, still in order; a few batches are read ahead of the storing."""
    rows = session.execute(
        sa.select(forms.FormVersion.form_id, forms.FormVersion.version, forms.FormVersion.xform)
    )
    known = {(form_id, version): xform for form_id, version, xform in rows}
    begun: deque[tuple[list[Outcome], Future[list[Outcome]]]] = deque()
    with ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(*_parts(gazetteer(session)), known),
    ) as pool:
        for tasks, outcomes in _prepared(session, keys):
            begun.append((outcomes, pool.submit(_read_many, tasks)))
            if len(begun) > 2 * workers:
                ready, reading = begun.popleft()
                yield ready + reading.result()
        while begun:
            ready, reading = begun.popleft()
            yield ready + reading.result()


def _prepared(session: Session, keys: list[Key]) -> Iterator[tuple[list[Task], list[Outcome]]]:
    for start in range(0, len(keys), BATCH):
        prepared = prepare(session, keys[start : start + BATCH])
        session.rollback()  # no reader's snapshot stays open while others write
        yield prepared


class _Mine:
    """What a reading process knows: the gazetteer and the forms, each parsed once."""

    places: Gazetteer
    xforms: dict[FormKey, bytes]
    schemas: dict[FormKey, FormSchema]


def _parts(places: Gazetteer) -> tuple[Any, ...]:
    """What a gazetteer is made of; the whole cannot be sent to another process."""
    return places.units, places.changes, places.outlines, places.boxes


def _begin(units: Any, changes: Any, outlines: Any, boxes: Any, xforms: dict[FormKey, bytes]) -> None:
    _Mine.places = Gazetteer(units, changes, outlines, boxes)
    _Mine.xforms, _Mine.schemas = xforms, {}


def _read_many(tasks: list[Task]) -> list[Outcome]:
    outcomes = []
    for task in tasks:
        if task.form not in _Mine.schemas:
            _Mine.schemas[task.form] = read_schema(_Mine.xforms[task.form])
        outcome = read(task, _Mine.schemas[task.form], _Mine.places)
        outcomes.append(outcome._replace(rows=_dumped(outcome.rows)))
    return outcomes


def _dumped(rows: Rows | None) -> Rows | None:
    """The rows with their JSON made into text here, where there is a processor for it."""
    if rows is None:
        return None
    for table in (
        rows.observations,
        rows.departures,
        rows.jobs,
        rows.judgements,
        rows.findings,
        rows.entities,
    ):
        for row in table:
            _dump_row(row)
    if rows.visit is not None:
        _dump_row(rows.visit)
    return rows


def _dump_row(row: dict[str, Any]) -> None:
    for name in JSON_FIELDS:
        if isinstance(row.get(name), dict | list):  # a visit's result is a word
            row[name] = dump(row[name])
