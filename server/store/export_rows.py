"""The rows of a round as exports need them, cut to the area of who asks.

A household visited several times and a child that stands in several households count once (``counting``).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.store.area import in_area
from server.store.children import Child, JobRow, JudgementRow, Observation
from server.store.counting import counting_observations, counting_visits
from server.store.households import Visit
from server.store.submissions import Submission

NATIONAL = "VN-LC2019"


def visits(session: Session, round_id: str, who: Who | None) -> list[Any]:
    counting = counting_visits(round_id)
    rows = session.execute(
        sa.select(*Visit.__table__.columns, Submission.person_id)
        .join(
            counting,
            sa.and_(
                counting.c.province_code == Visit.province_code,
                counting.c.submission_id == Visit.submission_id,
            ),
        )
        .join(
            Submission,
            sa.and_(Submission.province_code == Visit.province_code, Submission.id == Visit.submission_id),
        )
        .where(in_area(who))
        .order_by(Visit.household_id)
    )
    return list(rows)


def observations(session: Session, round_id: str, who: Who | None) -> list[Any]:
    """One observation a child, under the record that stands for it, with the national judgement."""
    rows = session.execute(
        sa.select(
            Observation.id,
            Child.same_as.label("child_id"),
            Observation.age_months,
            Observation.hours_week,
            Observation.hours_day_max,
            Observation.class_,
            Observation.unlawful,
            Observation.procedural_only,
            Observation.facts,
            Observation.case,
            Visit.household_id,
            Visit.visited_on,
            Visit.reference_to,
            JudgementRow.result,
        )
        .join(
            Visit,
            sa.and_(
                Visit.province_code == Observation.province_code,
                Visit.submission_id == Observation.submission_id,
            ),
        )
        .join(
            Child,
            sa.and_(Child.province_code == Observation.province_code, Child.id == Observation.child_id),
        )
        .join(
            JudgementRow,
            sa.and_(
                JudgementRow.province_code == Observation.province_code,
                JudgementRow.observation_id == Observation.id,
                JudgementRow.profile == NATIONAL,
            ),
        )
        .where(in_area(who), Observation.id.in_(counting_observations(round_id)))
        .order_by(Child.same_as)
    )
    return list(rows)


def jobs(session: Session, round_id: str) -> list[Any]:
    rows = session.execute(
        sa.select(JobRow.observation_id, JobRow.position, JobRow.facts)
        .join(
            Observation,
            sa.and_(
                Observation.province_code == JobRow.province_code, Observation.id == JobRow.observation_id
            ),
        )
        .where(Observation.round_id == round_id)
        .order_by(JobRow.observation_id, JobRow.position)
    )
    return list(rows)


def profiles(session: Session, round_id: str) -> list[tuple[str, str]]:
    """The profiles and versions that judged this round."""
    rows = session.execute(
        sa.select(JudgementRow.profile, JudgementRow.version)
        .join(
            Observation,
            sa.and_(
                Observation.province_code == JudgementRow.province_code,
                Observation.id == JudgementRow.observation_id,
            ),
        )
        .where(Observation.round_id == round_id)
        .distinct()
        .order_by(JudgementRow.profile, JudgementRow.version)
    )
    return [(row[0], row[1]) for row in rows]
