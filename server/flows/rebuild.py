"""Rebuilding: everything derived is computed again from the submissions, in order of reception.

Batch by batch, each in its own transaction, so that a running server goes on receiving meanwhile; every batch takes
away what its submissions gave before.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from server.flows.derive import store_all, work_out_all
from server.store import derived
from server.store.base import begin_writing, db
from server.store.submissions import SUBMISSIONS

BATCH = 100


@dataclass(frozen=True)
class Rebuilt:
    """``same`` tells whether the tables came out as they were; None when that was not asked."""

    submissions: int
    failed: int
    before: str | None
    after: str
    same: bool | None


def rebuild_all(*, check: bool = False) -> Rebuilt:
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
    failed = 0
    for start in range(0, len(keys), BATCH):
        outcomes = work_out_all(session, keys[start : start + BATCH])
        failed += sum(1 for outcome in outcomes if outcome[2] == "failed")
        begin_writing(session)
        store_all(session.connection(), outcomes)
        session.commit()
    after = derived.fingerprint(session.connection())
    session.rollback()
    return Rebuilt(len(keys), failed, before, after, None if before is None else before == after)
