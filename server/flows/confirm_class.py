"""An officer confirms the machine's class of a child, changes it with a reason, or takes a decision back."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Who, may_see_place
from server.store import audit
from server.store.children import Observation
from server.store.decisions import ClassDecision
from server.store.households import Visit

CLASSES = (
    "URGENT",
    "HAZARDOUS",
    "UNLAWFUL",
    "REVIEW",
    "AT_RISK",
    "LAWFUL",
    "FAMILY_WORK_OK",
    "CHORES_ONLY",
    "NOT_WORKING",
    "OUT_OF_SCOPE",
)


def confirm_class(
    session: Session,
    *,
    province: str,
    observation_id: str,
    confirmed: str | None,
    reason: str,
    by: Who,
    now: datetime,
) -> ClassDecision:
    """Keep one decision; ``confirmed`` None takes the last one back. A change of the class needs its reason."""
    screened = _screened(session, province, observation_id, by)
    reason = reason.strip()[:1000]
    if confirmed is not None and confirmed not in CLASSES:
        raise Problem("class_unknown", given=confirmed[:40])
    if confirmed != screened and not reason:
        raise Problem("reason_needed")
    decision = ClassDecision(
        province_code=province,
        id=str(uuid4()),
        observation_id=observation_id,
        screened=screened,
        confirmed=confirmed,
        reason=reason,
        person_id=by.id,
        at=now,
    )
    session.add(decision)
    audit.tell(
        session, now=now, person_id=by.id, action="class.confirm", subject=observation_id, confirmed=confirmed
    )
    return decision


def _screened(session: Session, province: str, observation_id: str, by: Who) -> str | None:
    """The machine's class now; an observation outside the officer's area does not exist for them."""
    row = session.execute(
        sa.select(Observation.class_, Visit.ward_code, Visit.village_code, Visit.visited_on)
        .join(
            Visit,
            sa.and_(
                Visit.province_code == Observation.province_code,
                Visit.submission_id == Observation.submission_id,
            ),
        )
        .where(Observation.province_code == province, Observation.id == observation_id)
    ).first()
    if row is None or not may_see_place(by, *row[1:]):
        raise Problem("page_unknown")
    screened: str | None = row[0]
    return screened
