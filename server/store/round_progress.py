"""How far a round has come: by village against the frozen list, by collaborator, and who was not visited yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who, may_see_place
from server.store import rounds
from server.store.area import household_in_area, in_area
from server.store.counting import counting_visits
from server.store.households import Household, Visit
from server.store.people import Person
from server.store.submissions import Submission

DONE, REFUSED = ("1", "2"), "4"


@dataclass
class VillageLine:
    """A village of the round; ``registered`` is None where the list did not say."""

    code: str
    ward: str
    name: str
    kind: str = ""
    registered: int | None = None
    results: Counter[str] = field(default_factory=Counter)
    people: list[str] = field(default_factory=list)

    @property
    def visited(self) -> int:
        return self.results.total()

    @property
    def done(self) -> int:
        return sum(self.results[result] for result in DONE)

    @property
    def refused(self) -> int:
        return self.results[REFUSED]

    @property
    def left(self) -> int | None:
        return None if self.registered is None else max(self.registered - self.visited, 0)


@dataclass
class PersonLine:
    """A collaborator: what was given to them, and what they have brought."""

    id: str
    name: str
    villages: int = 0
    households: int = 0
    registered: int | None = None
    results: Counter[str] = field(default_factory=Counter)
    last: datetime | None = None

    @property
    def visited(self) -> int:
        return self.results.total()

    @property
    def done(self) -> int:
        return sum(self.results[result] for result in DONE)

    @property
    def refused(self) -> int:
        return self.results[REFUSED]


def by_village(session: Session, round_id: str, who: Who) -> list[VillageLine]:
    """Every village of the frozen list in the reader's area, and those visited without being on it."""
    lines = {
        row.village_code: VillageLine(row.village_code, row.ward_code, row.name, row.kind, row.households)
        for row in rounds.villages(session, round_id)
        if may_see_place(who, row.ward_code, row.village_code, rounds.opened_on(session, round_id))
    }
    for row in _visits(session, round_id, who):
        code = row.village_code or ""
        line = lines.setdefault(code, VillageLine(code, row.ward_code or "", code))
        line.results[row.result or "?"] += 1
    for row in rounds.assignments(session, round_id):
        if row.kind == "village" and row.target in lines:
            lines[row.target].people.append(row.person_id)
    return sorted(lines.values(), key=lambda line: (line.ward, line.code))


def by_person(session: Session, round_id: str, who: Who) -> list[PersonLine]:
    """Everyone who has a task in the reader's area or has brought a visit from it."""
    villages = {row.village_code: row for row in rounds.villages(session, round_id)}
    names = {row[0]: row[1] for row in session.execute(sa.select(Person.id, Person.name))}
    lines: dict[str, PersonLine] = {}
    for row in rounds.assignments(session, round_id):
        village = villages.get(row.target)
        if village is not None and not may_see_place(
            who, village.ward_code, village.village_code, rounds.opened_on(session, round_id)
        ):
            continue
        if village is None and not who.everywhere:
            continue
        _give(lines.setdefault(row.person_id, PersonLine(row.person_id, names[row.person_id])), row, village)
    for row in _visits(session, round_id, who):
        line = lines.setdefault(row.person_id, PersonLine(row.person_id, names[row.person_id]))
        line.results[row.result or "?"] += 1
        line.last = max(filter(None, (line.last, row.received_at)))
    return sorted(lines.values(), key=lambda line: (line.name, line.id))


def not_visited(session: Session, round_id: str, who: Who) -> list[Household]:
    """Households known from earlier rounds that nobody has visited in this one; those that left are left out."""
    visited = sa.select(Visit.household_id).where(Visit.round_id == round_id)
    rows = session.scalars(
        sa.select(Household)
        .where(Household.id.not_in(visited), household_in_area(who), ~_left())
        .order_by(Household.ward_code, Household.village_code, Household.number, Household.id)
    )
    return list(rows)


def _left() -> sa.ColumnElement[bool]:
    """Whether the last visit found the house empty (result 5), the family gone."""
    last = (
        sa.select(Visit.result)
        .join(
            Submission,
            sa.and_(Submission.province_code == Visit.province_code, Submission.id == Visit.submission_id),
        )
        .where(Visit.province_code == Household.province_code, Visit.household_id == Household.id)
        .order_by(Submission.received_at.desc(), Submission.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(last, "") == "5"


def _give(line: PersonLine, row: rounds.Assignment, village: rounds.RoundVillage | None) -> None:
    if row.kind == "household":
        line.households += 1
        return
    line.villages += 1
    if village is not None and village.households is not None:
        line.registered = (line.registered or 0) + village.households


def _visits(session: Session, round_id: str, who: Who) -> list[Any]:
    """The newest visit of each household in the round, with who brought it."""
    counting = counting_visits(round_id)
    return list(
        session.execute(
            sa.select(
                Visit.ward_code,
                Visit.village_code,
                Visit.result,
                Submission.person_id,
                Submission.received_at,
            )
            .join(
                counting,
                sa.and_(
                    counting.c.province_code == Visit.province_code,
                    counting.c.submission_id == Visit.submission_id,
                ),
            )
            .join(
                Submission,
                sa.and_(
                    Submission.province_code == Visit.province_code, Submission.id == Visit.submission_id
                ),
            )
            .where(in_area(who))
        )
    )
