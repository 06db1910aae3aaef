"""The kept submissions of one form, one after another, cut to the area of who asks: what the export reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.store.households import Visit
from server.store.lists import may_see
from server.store.submissions import Attachment, Submission
from server.store.trials import Trial

AT_ONCE = 200


def of_form(session: Session, form_id: str, who: Who | None) -> Iterator[Any]:
    """What counts of a form, in order of reception; never more than a few in memory."""
    query = (
        sa.select(
            Submission.instance_id,
            Submission.form_version,
            Submission.xml,
            Submission.encrypted,
            Submission.person_id,
            Submission.device_id,
            Submission.received_at,
            Visit.ward_code,
            Visit.village_code,
            Visit.visited_on,
        )
        .select_from(Submission)
        .outerjoin(
            Visit,
            sa.and_(Visit.province_code == Submission.province_code, Visit.submission_id == Submission.id),
        )
        .where(Submission.form_id == form_id, Submission.standing == "current")
        .order_by(Submission.received_at, Submission.id)
    )
    if who is not None:
        query = query.where(may_see(who))
    return _streamed(session, query)


def files_of_form(session: Session, form_id: str, who: Who | None) -> Iterator[tuple[str, str, str]]:
    """Instance id, file name and content hash of every file of those submissions, a submission's together."""
    query = (
        sa.select(Submission.instance_id, Attachment.filename, Attachment.sha256)
        .join(
            Attachment,
            sa.and_(
                Attachment.province_code == Submission.province_code,
                Attachment.submission_id == Submission.id,
            ),
        )
        .outerjoin(
            Visit,
            sa.and_(Visit.province_code == Submission.province_code, Visit.submission_id == Submission.id),
        )
        .where(Submission.form_id == form_id, Submission.standing == "current")
        .order_by(Submission.received_at, Submission.id, Attachment.filename, Attachment.sha256)
    )
    if who is not None:
        query = query.where(may_see(who))
    return ((row[0], row[1], row[2]) for row in _streamed(session, query))


def files_of_trials(session: Session, form_id: str) -> Iterator[tuple[str, str, str]]:
    """The same of what was filled with drafts of a form."""
    query = (
        sa.select(Trial.instance_id, Trial.files)
        .where(Trial.form_id == form_id)
        .order_by(Trial.instance_id, Trial.received_at, Trial.id)
    )
    for instance_id, listed in _streamed(session, query):
        for file in listed:
            yield instance_id, file["filename"], file["sha256"]


def trials_of_form(session: Session, form_id: str) -> Iterator[Any]:
    """What was filled with drafts of a form."""
    query = (
        sa.select(
            Trial.instance_id,
            Trial.form_version,
            Trial.xml,
            sa.false().label("encrypted"),
            Trial.person_id,
            Trial.device_id,
            Trial.received_at,
        )
        .where(Trial.form_id == form_id)
        .order_by(Trial.received_at, Trial.id)
    )
    return _streamed(session, query)


def forms_with_answers(session: Session) -> list[tuple[str, int]]:
    """The ids of forms that interviews have come for, each with how many count."""
    rows = session.execute(
        sa.select(Submission.form_id, sa.func.count())
        .where(Submission.standing == "current")
        .group_by(Submission.form_id)
        .order_by(Submission.form_id)
    )
    return [(form_id, number) for form_id, number in rows]


def _streamed(session: Session, query: sa.Select[*tuple[Any, ...]]) -> Iterator[Any]:
    return iter(session.execute(query, execution_options={"yield_per": AT_ONCE}))
