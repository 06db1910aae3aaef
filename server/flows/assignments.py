"""Giving villages and households of a round to collaborators, and taking it back: each step is kept and undoable."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Who, may_see_place
from server.flows import rounds as flow
from server.store import assignments, rounds
from server.store.assignments import AssignmentChange
from server.store.rounds import Assignment, RoundVillage

Target = tuple[str, str]
Change = tuple[str, Target, bool]


def change(
    session: Session,
    round_id: str,
    person_id: str,
    *,
    give: Collection[Target] = (),
    take: Collection[Target] = (),
    by: Who | None,
    now: datetime,
) -> int:
    """Give and take back targets (kind, id) of one collaborator in one step; says how many really changed.

    The command line passes no ``by``; anybody else is held to the own area.
    """
    wanted: list[Change] = [(person_id, target, True) for target in sorted(give)]
    wanted += [(person_id, target, False) for target in sorted(take)]
    return _step(session, round_id, wanted, by=by, now=now, undoes=None)


def undo(session: Session, round_id: str, number: int, *, by: Who, now: datetime) -> int:
    """Take a step back as far as nobody has changed the same since; says how many changed."""
    (step,) = assignments.steps(session, round_id, number) or (None,)
    if step is None or step.undone:
        raise Problem("nothing_to_take_back")
    wanted: list[Change] = [
        (line.person_id, (line.kind, line.target), not line.given) for line in reversed(step.lines)
    ]
    return _step(session, round_id, wanted, by=by, now=now, undoes=number)


def _step(
    session: Session,
    round_id: str,
    wanted: Iterable[Change],
    *,
    by: Who | None,
    now: datetime,
    undoes: int | None,
) -> int:
    found = flow.find(session, round_id)
    if found.state != "open":
        raise Problem("round_not_open", round=found.id)
    number, by_id = assignments.next_number(session, round_id), by.id if by else None
    done = 0
    for person_id, (kind, target), given in wanted:
        if by is not None and not _in_area(session, round_id, kind, target, by):
            raise Problem("assignment_unknown", round=round_id, target=target[:64])
        stands = session.get(Assignment, (round_id, person_id, kind, target)) is not None
        if stands == given:
            continue
        turn = flow.assign if given else flow.unassign
        turn(session, round_id, person_id, kind, target, by=by_id, now=now)
        line = AssignmentChange(round_id=round_id, number=number, position=done, person_id=person_id, at=now)
        line.kind, line.target, line.given, line.undoes, line.by_id = kind, target, given, undoes, by_id
        session.add(line)
        done += 1
    session.flush()
    return done


def _in_area(session: Session, round_id: str, kind: str, target: str, by: Who) -> bool:
    if kind == "household":
        return bool(assignments.households(session, by, ids=[target]))
    row = session.get(RoundVillage, (round_id, target))
    at = rounds.opened_on(session, round_id)
    return row is not None and may_see_place(by, row.ward_code, row.village_code, at)
