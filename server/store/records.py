"""One submission or one child with all that belongs to it, if it lies in the reader's area; None otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.store.area import in_area
from server.store.children import Child, JobRow, JudgementRow, Observation
from server.store.departures import Departure
from server.store.households import Household, Visit
from server.store.lists import may_see
from server.store.people import Key, Person
from server.store.submissions import Attachment, Derivation, SetAside, Submission


@dataclass(frozen=True)
class Whole:
    """A submission with what was derived of it, as far as there is anything."""

    submission: Submission
    person: Person
    derivation: Derivation | None
    visit: Visit | None
    household: Household | None


@dataclass(frozen=True)
class Seen:
    """One observation of a child: the visit, the judgements under every profile, the jobs."""

    observation: Observation
    visit: Visit
    judgements: tuple[JudgementRow, ...]
    jobs: tuple[JobRow, ...]


def submission(session: Session, who: Who, submission_id: str) -> Whole | None:
    row = session.execute(_whole().where(Submission.id == submission_id, may_see(who))).first()
    return Whole(*row) if row else None


def relatives(session: Session, who: Who, own: Submission) -> list[Whole]:
    """Other copies and versions of the same interview: same instance id, what it replaced, what replaced it."""
    rows = session.execute(
        _whole()
        .where(
            Submission.province_code == own.province_code,
            Submission.id != own.id,
            sa.or_(
                Submission.instance_id == own.instance_id,
                Submission.deprecated_id == own.instance_id,
                Submission.instance_id == own.deprecated_id,
            ),
            may_see(who),
        )
        .order_by(Submission.received_at, Submission.id)
    )
    return [Whole(*row) for row in rows]


def attachments(session: Session, own: Submission) -> list[Attachment]:
    """The files of a submission, the newest of each name last."""
    return list(
        session.scalars(
            sa.select(Attachment)
            .where(Attachment.province_code == own.province_code, Attachment.submission_id == own.id)
            .order_by(Attachment.filename, Attachment.received_at, Attachment.sha256)
        )
    )


def children_of(session: Session, own: Submission) -> list[tuple[Observation, Child]]:
    rows = session.execute(
        sa.select(Observation, Child)
        .join(
            Child,
            sa.and_(Child.province_code == Observation.province_code, Child.id == Observation.child_id),
        )
        .where(Observation.province_code == own.province_code, Observation.submission_id == own.id)
        .order_by(Observation.position)
    )
    return [(row[0], row[1]) for row in rows]


def child(session: Session, who: Who, child_id: str) -> tuple[Child, list[Seen]] | None:
    """A child with its observations in the reader's area, newest first, those of joined records among them."""
    standing = sa.select(Child.same_as).where(Child.id == child_id).scalar_subquery()
    rows = session.execute(
        sa.select(Child, Observation, Visit)
        .join(
            Observation,
            sa.and_(Observation.province_code == Child.province_code, Observation.child_id == Child.id),
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
        .where(Child.same_as == standing, in_area(who))
        .order_by(Submission.received_at.desc(), Submission.id.desc())
    ).all()
    if not rows:
        return None
    own = next((row[0] for row in rows if row[0].id == child_id), rows[0][0])
    return own, [_seen(session, observation, visit) for _, observation, visit in rows]


def departures(session: Session, who: Who, child: Child) -> list[tuple[Departure, Visit]]:
    """The visits in the reader's area that no longer found the child, newest first."""
    visit = sa.and_(
        Visit.province_code == Departure.province_code, Visit.submission_id == Departure.submission_id
    )
    same = sa.and_(Child.province_code == Departure.province_code, Child.id == Departure.child_id)
    rows = session.execute(
        sa.select(Departure, Visit)
        .join(Visit, visit)
        .join(Child, same)
        .where(Child.province_code == child.province_code, Child.same_as == child.same_as, in_area(who))
        .order_by(Visit.visited_on.desc(), Departure.id)
    )
    return [(row[0], row[1]) for row in rows]


def household(session: Session, province: str, household_id: str) -> Household | None:
    return session.get(Household, (province, household_id))


def set_aside(session: Session) -> list[Any]:
    """Refused payloads, newest first, without their bytes."""
    return list(
        session.execute(
            sa.select(
                SetAside.id,
                SetAside.received_at,
                SetAside.device_id,
                SetAside.problem,
                SetAside.size,
                SetAside.person_id,
                Person.name.label("person"),
            )
            .join(Person, Person.id == SetAside.person_id)
            .order_by(SetAside.received_at.desc(), SetAside.id)
            .limit(500)
        )
    )


def devices_of(session: Session, person_id: str, now: datetime) -> list[Key]:
    """The phones, ODK Collect addresses and unused links that let this person in now, newest first."""
    return list(
        session.scalars(
            sa.select(Key)
            .where(
                Key.person_id == person_id,
                Key.kind.in_(("phone", "openrosa", "link")),
                Key.revoked_at.is_(None),
                sa.or_(Key.expires_at.is_(None), Key.expires_at > now),
            )
            .order_by(Key.created_at.desc(), Key.id)
        )
    )


def _seen(session: Session, observation: Observation, visit: Visit) -> Seen:
    own = (observation.province_code, observation.id)
    judgements = session.scalars(
        sa.select(JudgementRow)
        .where(JudgementRow.province_code == own[0], JudgementRow.observation_id == own[1])
        .order_by(JudgementRow.profile, JudgementRow.version)
    )
    jobs = session.scalars(
        sa.select(JobRow)
        .where(JobRow.province_code == own[0], JobRow.observation_id == own[1])
        .order_by(JobRow.position)
    )
    return Seen(observation, visit, tuple(judgements), tuple(jobs))


def _whole() -> sa.Select[*tuple[Any, ...]]:
    own = Submission.province_code
    return (
        sa.select(Submission, Person, Derivation, Visit, Household)
        .select_from(Submission)
        .join(Person, Person.id == Submission.person_id)
        .outerjoin(
            Derivation, sa.and_(Derivation.province_code == own, Derivation.submission_id == Submission.id)
        )
        .outerjoin(Visit, sa.and_(Visit.province_code == own, Visit.submission_id == Submission.id))
        .outerjoin(Household, sa.and_(Household.province_code == own, Household.id == Visit.household_id))
    )
