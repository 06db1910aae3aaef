"""Looking for children that stand twice: everywhere when asked, and around what changed after every intake.

The comparing is done before the write lock is taken, so that no phone waits for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from server.store import doubles, entity_log
from server.store.base import begin_writing
from server.store.children import Child
from server.store.households import Household

if TYPE_CHECKING:
    from sync.people.link import Link
    from sync.people.record import Person

STEP = 300
"""As many changes are looked at together: more spare reading a ward again and again, fewer are done sooner."""


def search(session: Session, *, province: str) -> int:
    """Compare every child with every other; says how many pairs are worth an officer's look. Begins the writing."""
    from sync.people.link import link

    upto = entity_log.newest(session)
    people, rosters = _people(session, province, doubles.everyone(session, province))
    session.rollback()  # no reader's snapshot stays open while others write
    found = _apart(link(people), rosters)
    begin_writing(session)
    doubles.replace(session, province, None, found)
    doubles.mark(session, province, upto)
    return len(found)


def refresh(session: Session, *, province: str, limit: int = STEP) -> int:
    """Compare what has changed since the last time with the wards it lies in, and with namesakes and children of the
    same birthday anywhere; says how many changes were looked at (0: nothing new). Commits."""
    from sync.people.link import link

    changes = doubles.changes(session, province, limit)
    if not changes:
        session.rollback()
        return 0
    changed, upto = doubles.children_of(session, province, changes), changes[-1].number
    found: list[Link] = []
    if changed:
        from sync.people.link import link

        people, rosters = _people(session, province, doubles.around(session, province, changed))
        session.rollback()
        found = _apart(link(people, about=changed), rosters)
    begin_writing(session)
    doubles.replace(session, province, changed, found)
    doubles.mark(session, province, upto)
    session.commit()
    return len(changes)


def _apart(found: Sequence[Link], rosters: Mapping[str, set[str]]) -> list[Link]:
    """One roster names each child once: who stands in one interview together is not one child."""
    return [one for one in found if not rosters[one.a] & rosters[one.b]]


def _people(
    session: Session, province: str, rows: Collection[tuple[Child, Household]]
) -> tuple[list[Person], dict[str, set[str]]]:
    """Children as the search compares them, and the interviews each stands in."""
    numbers: dict[str, str] = {}
    rosters: dict[str, set[str]] = {child.id: set() for child, _ in rows}
    for child_id, submission_id, facts in doubles.observations(session, province, list(rosters)):
        rosters[child_id].add(submission_id)
        if facts.get("personal_number"):
            numbers[child_id] = str(facts["personal_number"])
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
