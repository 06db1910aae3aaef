"""Who is who: an officer joins two child records or keeps them apart, chooses between two phones, and takes it back.

Every word is an event; what follows from it is derived, here at once and by every rebuild.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Who, may_see_place
from server.store import audit, identity, identity_events
from server.store.children import Child, Observation
from server.store.households import Household, Visit
from server.store.identity_events import CANDIDATES, ConflictChoice, LinkDecision

if TYPE_CHECKING:
    from sync.people.record import Person

VERDICTS = ("same", "different", "undone")


def decide_pair(
    session: Session, *, province: str, a: str, b: str, verdict: str, by: Who, now: datetime
) -> None:
    """Join two records, keep them apart, or take the last word about them back."""
    if verdict not in VERDICTS or a == b:
        raise Problem("pair_verdict_unknown")
    a, b = sorted((a, b))
    for child_id in (a, b):
        _may_decide(session, "child", province, child_id, by)
    connection = session.connection()
    if verdict == "undone" and (a, b) not in identity_events.standing(connection, province):
        raise Problem("nothing_to_take_back")
    before = identity_events.joined(connection, province)
    at = identity_events.moment(connection, identity_events.DECISIONS, province, now)
    session.add(
        LinkDecision(
            province_code=province, id=str(uuid4()), a=a, b=b, verdict=verdict, person_id=by.id, at=at
        )
    )
    session.flush()
    audit.tell(session, now=now, person_id=by.id, action=f"child.{verdict}", subject=a, other=b)
    _settle_joined(connection, province, before, identity_events.joined(connection, province))


def choose_value(
    session: Session,
    *,
    province: str,
    kind: str,
    entity_id: str,
    field: str,
    edit_id: str,
    by: Who,
    now: datetime,
) -> None:
    """Settle a field that two phones wrote differently by one of the values they wrote."""
    _may_decide(session, kind, province, entity_id, by)
    state, seen = identity.state_of(session.connection(), province, kind, entity_id)
    rivals = dict(state.conflicts.get(field, ()))
    if edit_id not in rivals:
        raise Problem("conflict_gone")
    _choice(session, province, kind, entity_id, field, rivals[edit_id], seen, False, by, now)


def take_back_choice(
    session: Session, *, province: str, kind: str, entity_id: str, field: str, by: Who, now: datetime
) -> None:
    _may_decide(session, kind, province, entity_id, by)
    known = identity_events.choices(session.connection(), province, kind, [entity_id]).get(entity_id, [])
    if not any(row.field == field and stands for row, stands in known):
        raise Problem("nothing_to_take_back")
    _choice(session, province, kind, entity_id, field, None, [], True, by, now)


def search(session: Session, *, province: str) -> int:
    """Look for children that stand twice in the database; says how many pairs are worth an officer's look."""
    from sync.people.link import link

    connection = session.connection()
    people, rosters = _people(session, province)
    found = [one for one in link(people) if not rosters[one.a] & rosters[one.b]]
    connection.execute(sa.delete(CANDIDATES).where(CANDIDATES.c.province_code == province))
    if found:
        rows = [
            {"province_code": province, "a": a, "b": b, "score": one.score, "reasons": list(one.reasons)}
            for one in found
            for a, b in [sorted((one.a, one.b))]
        ]
        connection.execute(sa.insert(CANDIDATES), rows)
    return len(found)


def _people(session: Session, province: str) -> tuple[list[Person], dict[str, set[str]]]:
    """Every child as the search compares them, and the interviews each stands in (one roster names each child once)."""
    numbers: dict[str, str] = {}
    rosters: dict[str, set[str]] = {}
    for child_id, submission_id, facts in session.execute(
        sa.select(Observation.child_id, Observation.submission_id, Observation.facts)
        .where(Observation.province_code == province)
        .order_by(Observation.id)
    ):
        rosters.setdefault(child_id, set()).add(submission_id)
        if facts.get("personal_number"):
            numbers[child_id] = str(facts["personal_number"])
    rows = session.execute(
        sa.select(Child, Household)
        .join(
            Household,
            sa.and_(Household.province_code == Child.province_code, Household.id == Child.household_id),
        )
        .where(Child.province_code == province)
        .order_by(Child.id)
    )
    return [_person(child, household, numbers) for child, household in rows], rosters


def _person(child: Child, household: Household, numbers: Mapping[str, str]) -> Person:
    """The head of the household stands in for a parent: the questionnaire does not ask for both by name."""
    from sync.people.record import read_person

    return read_person(
        {
            "id": child.id,
            "name": child.name,
            "birth": child.birth,
            "sex": child.sex,
            "ward": household.ward_code,
            "village": household.village_code,
            "father": household.head_name,
            "personal_id": numbers.get(child.id),
        }
    )


def _settle_joined(
    connection: Connection, province: str, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    moved = [one for one in sorted({*before, *after}) if before.get(one) != after.get(one)]
    identity.settle_children(connection, province, moved, after)


def _choice(
    session: Session,
    province: str,
    kind: str,
    entity_id: str,
    field: str,
    value: Any,
    seen: list[str],
    undone: bool,
    by: Who,
    now: datetime,
) -> None:
    at = identity_events.moment(session.connection(), identity_events.CHOICES, province, now)
    session.add(
        ConflictChoice(
            province_code=province,
            id=str(uuid4()),
            kind=kind,
            entity_id=entity_id,
            field=field,
            value=value,
            seen=seen,
            undone=undone,
            person_id=by.id,
            at=at,
        )
    )
    session.flush()
    action = "conflict.take_back" if undone else "conflict.choose"
    audit.tell(session, now=now, person_id=by.id, action=action, subject=entity_id, field=field)
    connection = session.connection()
    if kind == "child":
        joined = identity_events.joined(connection, province)
        identity.settle_children(connection, province, [entity_id], joined)
    else:
        identity.settle_households(connection, province, [entity_id])


def _may_decide(session: Session, kind: str, province: str, entity_id: str, by: Who) -> None:
    """A household or child outside the officer's area does not exist for them."""
    query = sa.select(Visit.ward_code, Visit.village_code, Visit.visited_on).where(
        Visit.province_code == province
    )
    if kind == "child":
        query = query.join(
            Observation,
            sa.and_(
                Observation.province_code == Visit.province_code,
                Observation.submission_id == Visit.submission_id,
            ),
        ).where(Observation.child_id == entity_id)
    else:
        query = query.where(Visit.household_id == entity_id)
    if not any(may_see_place(by, *where) for where in session.execute(query)):
        raise Problem("page_unknown")
