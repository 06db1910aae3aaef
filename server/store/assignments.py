"""Who goes where in a round: what stands now, and every change with who made it, so that each can be undone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.access.rules import Who
from server.store import rounds
from server.store.area import household_in_area
from server.store.base import Base, UtcTime
from server.store.households import Household
from server.store.rounds import Assignment

SHOWN = 20
MOST = 500


class AssignmentChange(Base):
    """One target given or taken back; what was done together shares its number within the round."""

    __tablename__ = "assignment_changes"

    round_id: Mapped[str] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    target: Mapped[str] = mapped_column(sa.String(64))
    given: Mapped[bool]
    undoes: Mapped[int | None]
    by_id: Mapped[str | None] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)


@dataclass(frozen=True)
class Step:
    """What somebody did at once; ``undone`` where a later step has taken it back."""

    number: int
    by_id: str | None
    at: datetime
    lines: tuple[AssignmentChange, ...]
    undone: bool

    @property
    def undoes(self) -> int | None:
        return self.lines[0].undoes


@dataclass(frozen=True)
class Charge:
    """Who answers for a household: those it was given to by name, else those of its village."""

    households: dict[str, list[str]]
    villages: dict[str, list[str]]

    def of(self, household: Household) -> list[str]:
        own = self.households.get(household.id)
        return own if own else self.villages.get(household.village_code or "", [])


def charge(session: Session, round_id: str) -> Charge:
    found = Charge({}, {})
    for row in rounds.assignments(session, round_id):
        kind = found.households if row.kind == "household" else found.villages
        kind.setdefault(row.target, []).append(row.person_id)
    return found


def of_person(session: Session, round_id: str, person_id: str, kind: str) -> list[str]:
    """Village codes or household ids given to a person, in order."""
    query = sa.select(Assignment.target).where(
        Assignment.round_id == round_id, Assignment.person_id == person_id, Assignment.kind == kind
    )
    return list(session.scalars(query.order_by(Assignment.target)))


def households(
    session: Session, who: Who, *, ids: Collection[str] = (), village: str = ""
) -> list[Household]:
    """Households of the reader's area: these, or those of a village."""
    wanted = Household.village_code == village if village else Household.id.in_(sorted(ids))
    query = sa.select(Household).where(household_in_area(who), wanted)
    return list(session.scalars(query.order_by(Household.number, Household.id).limit(MOST)))


def next_number(session: Session, round_id: str) -> int:
    query = sa.select(sa.func.max(AssignmentChange.number)).where(AssignmentChange.round_id == round_id)
    return (session.scalar(query) or 0) + 1


def steps(session: Session, round_id: str, number: int | None = None) -> list[Step]:
    """The last steps of a round, newest first, or the one of this number."""
    table = AssignmentChange
    since = next_number(session, round_id) - SHOWN if number is None else number
    query = sa.select(table).where(table.round_id == round_id, table.number >= since)
    lines: dict[int, list[AssignmentChange]] = {}
    undone = set()
    for row in session.scalars(query.order_by(table.number.desc(), table.position)):
        lines.setdefault(row.number, []).append(row)
        undone.add(row.undoes)
    return [
        Step(key, rows[0].by_id, rows[0].at, tuple(rows), key in undone)
        for key, rows in lines.items()
        if number is None or key == number
    ]
