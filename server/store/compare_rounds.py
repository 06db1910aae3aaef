"""Two rounds side by side: what became of each child, child by child, so that every count has its list behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.store import departures
from server.store.area import in_area
from server.store.children import Child, Observation
from server.store.counting import counting_observations
from server.store.departures import Departure
from server.store.households import Visit

TABLES = ("class", "school")
ABSENT = "absent"
LEFT = departures.KINDS


@dataclass(frozen=True)
class Seen:
    """A child in one round; ``person`` stands for all records that an officer joined."""

    person: str
    child_id: str
    name: str | None
    village: str | None
    visited_on: date | None
    class_: str
    school: str
    joined: str | None = None
    """Why the child is new in the list, where the interview says so."""

    def state(self, table: str) -> str:
        return self.class_ if table == "class" else self.school


@dataclass(frozen=True)
class Flow:
    """One child before and after; None where the round does not know it. ``left``: why the later round has not."""

    before: Seen | None
    after: Seen | None
    left: str | None = None

    def cell(self, table: str) -> tuple[str, str]:
        return (
            self.before.state(table) if self.before else ABSENT,
            self.after.state(table) if self.after else self.left or ABSENT,
        )

    @property
    def newest(self) -> Seen:
        found = self.after or self.before
        assert found is not None
        return found


def flows(session: Session, who: Who, earlier: str, later: str) -> list[Flow]:
    """Every child of either round, in order of name."""
    before, after = _of_round(session, who, earlier), _of_round(session, who, later)
    left = _left(session, who, later)
    found = [Flow(before.get(one), after.get(one), left.get(one)) for one in {*before, *after}]
    return sorted(found, key=lambda flow: (flow.newest.name or "", flow.newest.person))


def table(found: list[Flow], name: str) -> Counter[tuple[str, str]]:
    """How many children went from which state to which; ``absent`` for joined and lost."""
    return Counter(flow.cell(name) for flow in found)


def _of_round(session: Session, who: Who, round_id: str) -> dict[str, Seen]:
    rows = session.execute(
        sa.select(
            Child.same_as,
            Child.id,
            Child.name,
            Visit.village_code,
            Visit.visited_on,
            sa.func.coalesce(Observation.class_, "REVIEW").label("class"),
            Observation.facts,
        )
        .join(
            Child,
            sa.and_(Child.province_code == Observation.province_code, Child.id == Observation.child_id),
        )
        .join(
            Visit,
            sa.and_(
                Visit.province_code == Observation.province_code,
                Visit.submission_id == Observation.submission_id,
            ),
        )
        .where(in_area(who), Observation.id.in_(counting_observations(round_id)))
    )
    return {
        row[0]: Seen(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            _school(row[6].get("in_school")),
            row[6].get("joined"),
        )
        for row in rows
    }


def _left(session: Session, who: Who, round_id: str) -> dict[str, str]:
    """What visits of a round said of children they no longer found; the last word counts."""
    visit = sa.and_(
        Visit.province_code == Departure.province_code, Visit.submission_id == Departure.submission_id
    )
    child = sa.and_(Child.province_code == Departure.province_code, Child.id == Departure.child_id)
    rows = session.execute(
        sa.select(Child.same_as, Departure.kind)
        .join(Child, child)
        .join(Visit, visit)
        .where(in_area(who), Departure.round_id == round_id)
        .order_by(Visit.visited_on, Departure.id)
    )
    return {row[0]: row[1] for row in rows}


def _school(answer: Any) -> str:
    return {True: "yes", False: "no"}.get(answer, "unknown")
