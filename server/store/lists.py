"""Lists of submissions and children as the pages show them: cut to the reader's area, filtered, sorted, paged by key.

The same conditions count the numbers of the overview, so that a number and the list behind it agree.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server.access.rules import Who
from server.store import paging
from server.store.area import in_area, within
from server.store.children import Child, Observation
from server.store.counting import counting_observations, newest_visits
from server.store.households import Household, Visit
from server.store.late import came_late
from server.store.paging import Cursor, Page
from server.store.people import Person, PersonArea
from server.store.submissions import Derivation, Submission
from sync.places.as_of import Span
from sync.text import fold

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
# A family may decline to give its position, so "no_gps" alone is nothing to look at.
FLAGS = ("outside_area", "ward_mismatch", "village_mismatch", "ambiguous", "low_accuracy", "too_far")
STATES = (
    "counting",
    "flagged",
    "waiting",
    "held",
    "failed",
    "incomplete",
    "conflict",
    "superseded",
    "quarantined",
    "late",
)


@dataclass(frozen=True)
class Search:
    """What a reader asked for; empty fields ask for nothing. ``places`` and ``people`` are codes and ids whose
    names match ``text``; spans say what ward and village mean on the day that is asked for."""

    round_id: str = ""
    ward: str = ""
    village: str = ""
    state: str = ""
    result: str = ""
    person_id: str = ""
    class_: str = ""
    unlawful: bool = False
    text: str = ""
    places: Collection[str] = ()
    people: Collection[str] = ()
    newest: bool = False
    ward_spans: Sequence[Span] | None = None
    village_spans: Sequence[Span] | None = None


def submissions(
    session: Session, who: Who, search: Search, *, sort: str = "received", down: bool = True, cursor: Cursor
) -> Page:
    """A page of submissions with what was derived of each."""
    keys: dict[str, sa.ColumnElement[Any]] = {
        "received": sa.type_coerce(Submission.received_at, Submission.received_at.type),
        "head": sa.func.coalesce(Household.head_key, ""),
        "place": sa.func.coalesce(Visit.village_code, ""),
        "person": Person.name_key.expression,
    }
    query = _submission_rows().where(*submission_conditions(who, search))
    return paging.fetch(session, query, key=keys[sort], row_id=Submission.id, down=down, cursor=cursor)


def count_submissions(session: Session, who: Who, search: Search) -> int:
    query = _joined(sa.select(sa.func.count(Submission.id)).select_from(Submission))
    return session.scalar(query.where(*submission_conditions(who, search))) or 0


def children(
    session: Session, who: Who, search: Search, *, sort: str = "class", down: bool = False, cursor: Cursor
) -> Page:
    """A page of children as last observed: one row each, joined records together (``counting``)."""
    keys: dict[str, sa.ColumnElement[Any]] = {
        "class": _severity(),
        "name": sa.func.coalesce(Child.name_key, ""),
        "age": sa.func.coalesce(Observation.age_months, -1),
        "place": sa.func.coalesce(Visit.village_code, ""),
        "hours": sa.func.coalesce(Observation.hours_week, -1.0),
    }
    query = _child_rows(
        sa.select(
            Observation.id,
            Observation.child_id,
            Observation.age_months,
            Observation.hours_week,
            Observation.class_,
            Observation.unlawful,
            Observation.procedural_only,
            Child.name,
            Child.sex,
            Child.birth,
            Visit.ward_code,
            Visit.village_code,
            Visit.visited_on,
            Visit.submission_id,
        )
    ).where(*child_conditions(who, search))
    return paging.fetch(session, query, key=keys[sort], row_id=Observation.id, down=down, cursor=cursor)


def count_children(session: Session, who: Who, search: Search) -> int:
    query = _child_rows(sa.select(sa.func.count(Observation.id)))
    return session.scalar(query.where(*child_conditions(who, search))) or 0


def classes_of(session: Session, province: str, submission_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """How many children of each class every one of these submissions has."""
    rows = session.execute(
        sa.select(Observation.submission_id, Observation.class_, sa.func.count())
        .where(Observation.province_code == province, Observation.submission_id.in_(list(submission_ids)))
        .group_by(Observation.submission_id, Observation.class_)
    )
    found: dict[str, dict[str, int]] = {}
    for submission_id, class_, number in rows:
        found.setdefault(submission_id, {})[class_ or "REVIEW"] = number
    return {
        key: dict(sorted(value.items(), key=lambda entry: _rank(entry[0]))) for key, value in found.items()
    }


def submission_conditions(who: Who, search: Search) -> list[sa.ColumnElement[bool]]:
    """Area, then what was asked for."""
    wanted = [may_see(who), _in_state(search.state)]
    if search.round_id:
        wanted.append(in_round(search.round_id))
    if search.person_id:
        wanted.append(Submission.person_id == search.person_id)
    if search.result:
        wanted.append(Visit.result == search.result)
    if search.newest:
        wanted.append(Visit.submission_id.in_(newest_visits(search.round_id)))
    if search.text:
        wanted.append(_submission_text(search))
    return wanted + _placed(search)


def child_conditions(who: Who, search: Search) -> list[sa.ColumnElement[bool]]:
    wanted = [in_area(who), Observation.id.in_(counting_observations(search.round_id)), *_placed(search)]
    if search.class_:
        wanted.append(Observation.class_ == search.class_)
    else:
        # Members of 18 and over who were asked the children's questions are no children of the survey.
        wanted.append(sa.func.coalesce(Observation.class_, "") != "OUT_OF_SCOPE")
    if search.unlawful:
        wanted.append(Observation.unlawful.is_(True))
    if search.person_id:
        wanted.append(Submission.person_id == search.person_id)
    if search.text:
        wanted.append(Child.name_key.contains(fold(search.text), autoescape=True))
    return wanted


def is_late(session: Session, own: Submission) -> bool:
    """Whether an interview arrived after its round had been closed."""
    query = _joined(sa.select(came_late()).select_from(Submission))
    same = sa.and_(Submission.province_code == own.province_code, Submission.id == own.id)
    return bool(session.scalar(query.where(same)))


def in_round(round_id: str) -> sa.ColumnElement[bool]:
    """Whether a submission belongs to a round: by its visit, or by its reception where it is no visit."""
    return sa.func.coalesce(Visit.round_id, Submission.round_id) == round_id


def may_see(who: Who) -> sa.ColumnElement[bool]:
    """Whether a submission lies in the person's area: by its own visit, else by a sibling copy's, else by its sender.

    What cannot be placed at all is shown to those who answer for the whole area of its sender.
    """
    if who.everywhere:
        return sa.true()
    outside = sa.select(PersonArea.unit_code).where(
        PersonArea.person_id == Submission.person_id, PersonArea.unit_code.not_in(who.area)
    )
    inside = sa.select(PersonArea.unit_code).where(
        PersonArea.person_id == Submission.person_id, PersonArea.unit_code.in_(who.area)
    )
    other, its_visit = aliased(Submission), aliased(Visit)
    sibling = (
        sa.select(its_visit.submission_id)
        .join(
            other,
            sa.and_(other.province_code == its_visit.province_code, other.id == its_visit.submission_id),
        )
        .where(
            sa.or_(
                other.instance_id == Submission.instance_id, other.deprecated_id == Submission.instance_id
            ),
            in_area(who, its_visit),
        )
    )
    unplaced = sa.and_(sa.exists(inside), ~sa.exists(outside))
    return sa.or_(in_area(who), sa.and_(Visit.submission_id.is_(None), sa.or_(sa.exists(sibling), unplaced)))


def flagged() -> sa.ColumnElement[bool]:
    """Read, but something in it deserves a look: a place that does not fit, or a problem noted on the way."""
    text = sa.type_coerce(Visit.location, sa.Text)
    marks = [text.contains(f'"{flag}"') for flag in FLAGS]
    return sa.and_(
        Submission.standing == "current",
        Derivation.state == "done",
        sa.or_(Derivation.problem.is_not(None), *marks),
    )


def _in_state(state: str) -> sa.ColumnElement[bool]:
    if state in ("waiting", "held", "failed"):
        return sa.and_(Derivation.state == state, Submission.standing == "current")
    if state in ("conflict", "superseded", "quarantined"):
        return Submission.standing == state
    if state == "incomplete":
        return sa.and_(Submission.complete.is_(False), Submission.standing == "current")
    if state == "flagged":
        return flagged()
    if state == "late":
        return sa.and_(Submission.standing == "current", came_late())
    if state == "counting":
        return Submission.standing == "current"
    return Submission.standing != "superseded"


def _placed(search: Search) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if search.ward_spans is not None:
        wanted.append(within(Visit.ward_code, search.ward_spans, Visit.village_code, Visit.visited_on))
    elif search.ward:
        wanted.append(Visit.ward_code == search.ward)
    if search.village_spans is not None:
        wanted.append(within(Visit.village_code, search.village_spans, Visit.village_code, Visit.visited_on))
    elif search.village:
        wanted.append(Visit.village_code == search.village)
    return wanted


def _submission_text(search: Search) -> sa.ColumnElement[bool]:
    key = fold(search.text)
    named = (
        sa.select(Observation.id)
        .join(
            Child,
            sa.and_(Child.province_code == Observation.province_code, Child.id == Observation.child_id),
        )
        .where(
            Observation.province_code == Submission.province_code,
            Observation.submission_id == Submission.id,
            Child.name_key.contains(key, autoescape=True),
        )
    )
    return sa.or_(
        Household.head_key.contains(key, autoescape=True),
        Submission.instance_id.contains(search.text.strip(), autoescape=True),
        Visit.village_code.in_(list(search.places)),
        Visit.ward_code.in_(list(search.places)),
        Submission.person_id.in_(list(search.people)),
        sa.exists(named),
    )


def _submission_rows() -> sa.Select[*tuple[Any, ...]]:
    return _joined(
        sa.select(
            Submission.id,
            Submission.instance_id,
            Submission.form_id,
            Submission.form_version,
            Submission.standing,
            Submission.complete,
            Submission.received_at,
            Submission.person_id,
            Person.name.label("person"),
            Derivation.state,
            Derivation.problem,
            Visit.ward_code,
            Visit.village_code,
            Visit.visited_on,
            Visit.result,
            Visit.location,
            Household.head_name,
            Household.number,
            came_late().label("late"),
        ).select_from(Submission)
    )


def _joined(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """A submission with its sender, derivation, visit and household, as far as there are any."""
    own = Submission.province_code
    return (
        query.join(Person, Person.id == Submission.person_id)
        .outerjoin(
            Derivation, sa.and_(Derivation.province_code == own, Derivation.submission_id == Submission.id)
        )
        .outerjoin(Visit, sa.and_(Visit.province_code == own, Visit.submission_id == Submission.id))
        .outerjoin(Household, sa.and_(Household.province_code == own, Household.id == Visit.household_id))
    )


def _child_rows(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    own = Observation.province_code
    return (
        query.select_from(Observation)
        .join(Child, sa.and_(Child.province_code == own, Child.id == Observation.child_id))
        .join(Visit, sa.and_(Visit.province_code == own, Visit.submission_id == Observation.submission_id))
        .join(Submission, sa.and_(Submission.province_code == own, Submission.id == Visit.submission_id))
    )


def _severity() -> sa.ColumnElement[Any]:
    return sa.case({name: number for number, name in enumerate(CLASSES)}, value=Observation.class_, else_=99)


def _rank(name: str) -> int:
    return CLASSES.index(name) if name in CLASSES else len(CLASSES)
