"""Interviews and the round they belong to: what arrived after its round was closed, and what a new round takes in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.store.children import Observation
from server.store.households import Visit
from server.store.rounds import Round
from server.store.submissions import Submission


def came_late() -> sa.ColumnElement[bool]:
    """Whether a submission (joined with its visit) was received after the visit's round had been closed."""
    return sa.exists().where(Round.id == Visit.round_id, Round.closed_at < Submission.received_at)


def visits_since(session: Session, day: date) -> Sequence[Any]:
    """Visits of that day and later, with what decides on their round; ``at_reception`` is the round then open."""
    return session.execute(
        sa.select(
            Visit.province_code,
            Visit.submission_id,
            Visit.round_id,
            Visit.visited_on,
            Submission.round_id.label("at_reception"),
            Submission.received_at,
            Submission.form_id,
            Submission.form_version,
        )
        .join(
            Submission,
            sa.and_(Submission.province_code == Visit.province_code, Submission.id == Visit.submission_id),
        )
        .where(Visit.visited_on >= day)
    ).all()


def move(session: Session, province: str, submission_id: str, round_id: str | None) -> None:
    """Count a visit and its observations in another round, as deriving it again would."""
    for table in (Visit, Observation):
        session.execute(
            sa.update(table)
            .where(table.province_code == province, table.submission_id == submission_id)
            .values(round_id=round_id)
        )
