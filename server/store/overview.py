"""The numbers of a round for the overview: visits, children and classes by place, and what waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.store.area import in_area
from server.store.children import Observation
from server.store.counting import counting_observations, newest_visits
from server.store.households import Visit
from server.store.lists import Search, count_submissions, in_round, may_see
from server.store.submissions import SetAside, Submission
from sync.places.as_of import Placed

PlaceOf = Callable[[str | None, str | None, date | None], Placed]

ATTENTION = ("flagged", "conflict", "failed", "held", "incomplete", "quarantined", "waiting", "late")


@dataclass(frozen=True)
class VisitCount:
    """Households of one place by the result of their newest visit."""

    ward: str | None
    village: str | None
    result: str | None
    households: int


@dataclass(frozen=True)
class ClassCount:
    """Children of one place by class; ``unlawful`` counts those of them that stand in the statutory list."""

    ward: str | None
    village: str | None
    class_: str
    children: int
    unlawful: int


@dataclass(frozen=True)
class Sender:
    """What one person has sent in the round."""

    person_id: str
    submissions: int
    last: datetime


def as_collected(ward: str | None, village: str | None, at: date | None) -> Placed:
    """The codes as they were written, whatever they meant."""
    return ward, village


def visits(session: Session, round_id: str, who: Who, place: PlaceOf = as_collected) -> list[VisitCount]:
    """Households by place and result; ``place`` says where what was collected stands."""
    rows = session.execute(
        sa.select(Visit.ward_code, Visit.village_code, Visit.visited_on, Visit.result, sa.func.count())
        .where(in_area(who), Visit.submission_id.in_(newest_visits(round_id)))
        .group_by(Visit.ward_code, Visit.village_code, Visit.visited_on, Visit.result)
    )
    found: Counter[tuple[str | None, str | None, str | None]] = Counter()
    for ward, village, at, result, number in rows:
        found[(*place(ward, village, at), result)] += number
    return [VisitCount(*key, number) for key, number in found.items()]


def classes(session: Session, round_id: str, who: Who, place: PlaceOf = as_collected) -> list[ClassCount]:
    """Children by place and class; each child once (``counting``)."""
    rows = session.execute(
        sa.select(
            Visit.ward_code,
            Visit.village_code,
            Visit.visited_on,
            sa.func.coalesce(Observation.class_, "REVIEW"),
            sa.func.count(),
            sa.func.sum(sa.case((Observation.unlawful.is_(True), 1), else_=0)),
        )
        .select_from(Observation)
        .join(
            Visit,
            sa.and_(
                Visit.province_code == Observation.province_code,
                Visit.submission_id == Observation.submission_id,
            ),
        )
        .where(in_area(who), Observation.id.in_(counting_observations(round_id)))
        .group_by(Visit.ward_code, Visit.village_code, Visit.visited_on, Observation.class_)
    )
    found: dict[tuple[str | None, str | None, str], list[int]] = {}
    for ward, village, at, class_, children, unlawful in rows:
        sums = found.setdefault((*place(ward, village, at), class_), [0, 0])
        sums[0] += children
        sums[1] += unlawful
    return [ClassCount(*key, *sums) for key, sums in found.items()]


def senders(session: Session, round_id: str, who: Who) -> dict[str, Sender]:
    """Who has sent how much in the round, and when last, by person id."""
    rows = session.execute(
        sa.select(Submission.person_id, sa.func.count(), sa.func.max(Submission.received_at).label("last"))
        .outerjoin(
            Visit,
            sa.and_(Visit.province_code == Submission.province_code, Visit.submission_id == Submission.id),
        )
        .where(in_round(round_id), Submission.standing != "superseded", may_see(who))
        .group_by(Submission.person_id)
    )
    return {row[0]: Sender(*row) for row in rows}


def attention(session: Session, round_id: str, who: Who) -> dict[str, int]:
    """How many submissions of the round stand in each state that a person should look at."""
    return {
        state: count_submissions(session, who, Search(round_id=round_id, state=state)) for state in ATTENTION
    }


def set_aside(session: Session) -> int:
    """Refused payloads kept for an officer."""
    return session.scalar(sa.select(sa.func.count()).select_from(SetAside)) or 0
