"""What counts in a round: of every household its newest visit, of every child one observation.

A child that stands in two households of a round (it moved, or an officer joined two records) counts once, by its
newest interview: a round is a picture of one state, and the latest word tells where the child lives and what it does
now. Taking the gravest of several would make children grave by being asked more often. The observation that does not
count stays on the child's page with everything that was found.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from server.store.children import Child, Observation
from server.store.households import Visit
from server.store.submissions import Submission


def counting_visits(round_id: str) -> sa.Subquery:
    """Keys of the newest visit of every household, within a round or (empty id) over all of them.

    Newest by the day of the interview, then by reception: an old interview that arrives late replaces no newer one.
    """
    ranked = (
        sa.select(
            Visit.province_code,
            Visit.submission_id,
            sa.func.row_number()
            .over(
                partition_by=(Visit.province_code, Visit.household_id),
                order_by=(Visit.visited_on.desc(), Submission.received_at.desc(), Submission.id.desc()),
            )
            .label("place"),
        )
        .join(
            Submission,
            sa.and_(Submission.province_code == Visit.province_code, Submission.id == Visit.submission_id),
        )
        .where(Visit.round_id == round_id if round_id else sa.true())
        .subquery()
    )
    return sa.select(ranked.c.province_code, ranked.c.submission_id).where(ranked.c.place == 1).subquery()


def newest_visits(round_id: str) -> sa.Select[tuple[str]]:
    """The submission ids of the counting visits."""
    return sa.select(counting_visits(round_id).c.submission_id)


def counting_observations(round_id: str) -> sa.Select[tuple[str]]:
    """The ids of the observations that count: one a child, whatever area asks."""
    counting = counting_visits(round_id)
    ranked = (
        sa.select(
            Observation.id,
            sa.func.row_number()
            .over(partition_by=(Observation.province_code, Child.same_as), order_by=_newest_first())
            .label("place"),
        )
        .join(
            counting,
            sa.and_(
                counting.c.province_code == Observation.province_code,
                counting.c.submission_id == Observation.submission_id,
            ),
        )
        .join(
            Visit,
            sa.and_(
                Visit.province_code == Observation.province_code,
                Visit.submission_id == Observation.submission_id,
            ),
        )
        .join(
            Submission,
            sa.and_(Submission.province_code == Visit.province_code, Submission.id == Visit.submission_id),
        )
        .join(
            Child,
            sa.and_(Child.province_code == Observation.province_code, Child.id == Observation.child_id),
        )
        .subquery()
    )
    return sa.select(ranked.c.id).where(ranked.c.place == 1)


def _newest_first() -> tuple[sa.ColumnElement[Any], ...]:
    return (
        Visit.visited_on.desc(),
        Submission.received_at.desc(),
        Submission.id.desc(),
        Observation.id.desc(),
    )
