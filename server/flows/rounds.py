"""Opening a round with what is in force that day, assigning who goes where, and closing it.

A round keeps the list of villages as it stood, so that later mergers do not change what was to be visited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.flows.form_files import ZONE
from server.flows.places import gazetteer
from server.flows.round_of import Frame, round_of
from server.store import audit, closed_forms, forms, late, people, rounds
from server.store.households import Household
from server.store.people import Person
from server.store.rounds import Assignment, Round, RoundVillage
from server.store.submissions import Submission

REFERENCE_RULE = "seven_days_before"
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")


@dataclass(frozen=True)
class Wanted:
    """A round as someone asks for it."""

    id: str
    name: str
    period_from: date
    period_to: date
    deadline: date | None = None
    form_id: str = ""


def open_round(session: Session, wanted: Wanted, *, by: str | None, now: datetime) -> Round:
    """Open a round: the questionnaire and the villages of today are frozen, collaborators get their areas."""
    _check(session, wanted)
    form = _form(session, wanted.form_id)
    made = Round(
        id=wanted.id,
        name=" ".join(wanted.name.split())[:200] or wanted.id,
        state="open",
        period_from=wanted.period_from,
        period_to=wanted.period_to,
        deadline=wanted.deadline,
        reference_rule=REFERENCE_RULE,
        form_id=form.form_id if form else None,
        form_version=form.version if form else None,
        opened_at=now,
    )
    session.add(made)
    session.flush()
    _freeze(session, made, now)
    _assign_areas(session, made)
    _take_in(session, made)
    audit.tell(session, now=now, person_id=by, action="round.open", subject=made.id)
    return made


def close_round(session: Session, round_id: str, *, by: str | None, now: datetime) -> Round:
    """Close a round; interviews of its days that come later still belong to it and are shown as late."""
    found = find(session, round_id)
    if found.state != "open":
        raise Problem("round_not_open", round=found.id)
    found.state, found.closed_at = "closed", now
    audit.tell(session, now=now, person_id=by, action="round.close", subject=found.id)
    return found


def freeze_villages(session: Session, round_id: str, *, by: str | None, now: datetime) -> int:
    """Take the list of villages as it is now, as long as nobody has gone out with the former one."""
    found = find(session, round_id)
    if found.state != "open":
        raise Problem("round_not_open", round=found.id)
    sent = session.scalar(sa.select(Submission.id).where(Submission.round_id == found.id).limit(1))
    if sent is not None and rounds.villages(session, found.id):
        raise Problem("round_under_way", round=found.id)
    session.execute(sa.delete(RoundVillage).where(RoundVillage.round_id == found.id))
    session.execute(sa.delete(Assignment).where(Assignment.round_id == found.id))
    _freeze(session, found, now)
    _assign_areas(session, found)
    audit.tell(session, now=now, person_id=by, action="round.freeze", subject=found.id)
    return len(rounds.villages(session, found.id))


def assign(
    session: Session, round_id: str, person_id: str, kind: str, target: str, *, by: str | None, now: datetime
) -> None:
    """Give a village or a household of the round to a collaborator; giving it twice changes nothing."""
    found = find(session, round_id)
    person = session.get(Person, person_id)
    if person is None or person.removed_at is not None or not _is_target(session, found, kind, target):
        raise Problem("assignment_unknown", round=found.id, target=target[:64])
    if session.get(Assignment, (found.id, person_id, kind, target)) is None:
        session.add(Assignment(round_id=found.id, person_id=person_id, kind=kind, target=target))
        session.flush()
        audit.tell(session, now=now, person_id=by, action="round.assign", subject=found.id, target=target)


def unassign(
    session: Session, round_id: str, person_id: str, kind: str, target: str, *, by: str | None, now: datetime
) -> None:
    row = session.get(Assignment, (round_id, person_id, kind, target))
    if row is None:
        raise Problem("assignment_unknown", round=round_id[:40], target=target[:64])
    session.delete(row)
    session.flush()
    audit.tell(session, now=now, person_id=by, action="round.unassign", subject=round_id, target=target)


def find(session: Session, round_id: str) -> Round:
    found = session.get(Round, round_id)
    if found is None:
        known = ", ".join(entry.id for entry in rounds.all_rounds(session)[:10])
        raise Problem("round_unknown", round=round_id[:40], known=known)
    return found


def frames(session: Session) -> tuple[Frame, ...]:
    """Every round as the rule needs it that says where an interview belongs."""
    return tuple(
        Frame(
            one.id,
            one.period_from,
            one.period_to,
            one.opened_at.astimezone(ZONE).date(),
            one.closed_at.astimezone(ZONE).date() if one.closed_at else None,
            one.form_id,
            one.form_version,
        )
        for one in rounds.all_rounds(session)
    )


def _take_in(session: Session, made: Round) -> None:
    """Interviews of the new round's days that came before it was opened."""
    known = frames(session)
    since = min(made.period_from, made.opened_at.astimezone(ZONE).date())
    for row in late.visits_since(session, since):
        own = round_of(
            known,
            visited=row.visited_on,
            received=row.received_at.astimezone(ZONE).date(),
            at_reception=row.at_reception,
            form=(row.form_id, row.form_version),
        )
        if own != row.round_id:
            late.move(session, row.province_code, row.submission_id, own)


def _check(session: Session, wanted: Wanted) -> None:
    if not _ID.fullmatch(wanted.id):
        raise Problem("round_id_malformed", given=wanted.id[:40])
    late = wanted.deadline is not None and wanted.deadline < wanted.period_from
    if wanted.period_to < wanted.period_from or late:
        raise Problem("round_period_wrong")
    if session.get(Round, wanted.id) is not None:
        raise Problem("round_taken", round=wanted.id)
    current = rounds.open_round(session)
    if current is not None:
        raise Problem("round_still_open", round=current.id)


def _form(session: Session, form_id: str) -> forms.FormVersion | None:
    """The questionnaire asked for, else the only or first one that is open."""
    closed = closed_forms.ids(session)
    if not form_id:
        return next((form for form in forms.current(session) if form.form_id not in closed), None)
    found = forms.current_of(session, form_id)
    if found is None:
        raise Problem("form_unknown", form_id=form_id[:200])
    if form_id in closed:
        raise Problem("form_closed", form_id=form_id)
    return found


def _freeze(session: Session, made: Round, now: datetime) -> None:
    places, today = gazetteer(session), now.astimezone(ZONE).date()
    made.gazetteer_version = places.version
    session.add_all(
        RoundVillage(
            round_id=made.id,
            village_code=village.code,
            ward_code=ward.code,
            ward_valid_from=ward.valid_from,
            name=village.name,
            kind=village.kind,
            households=village.households,
            verified=village.verified,
        )
        for ward in places.wards(on=today)
        for village in places.villages(ward.code, on=today)
    )
    session.flush()


def _assign_areas(session: Session, made: Round) -> None:
    """Every collaborator begins with the villages of their own area."""
    villages = rounds.villages(session, made.id)
    areas = people.areas(session)
    for person in people.everyone(session):
        if person.role == "collaborator" and person.removed_at is None:
            mine = set(areas.get(person.id, ()))
            session.add_all(_for_area(made.id, person.id, mine, villages))
    session.flush()


def _for_area(
    round_id: str, person_id: str, area: set[str], villages: Iterable[RoundVillage]
) -> list[Assignment]:
    codes = [row.village_code for row in villages if {row.village_code, row.ward_code} & area]
    return [Assignment(round_id=round_id, person_id=person_id, kind="village", target=code) for code in codes]


def _is_target(session: Session, found: Round, kind: str, target: str) -> bool:
    if kind == "village":
        return session.get(RoundVillage, (found.id, target)) is not None
    known = sa.select(Household.id).where(Household.id == target).limit(1)
    return kind == "household" and session.scalar(known) is not None
