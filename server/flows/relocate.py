"""Tagging the archive again after the gazetteer has changed, and saying per unit what that changes.

What was collected stays: the declared village and ward are never touched, and each tag that gives way is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.flows.derive import Outcome, work_out_all
from server.flows.form_files import ZONE
from server.flows.places import gazetteer
from server.store import audit, past_places
from server.store.base import begin_writing, db
from server.store.past_places import TAGS
from server.store.submissions import SUBMISSIONS
from sync.places.as_of import AsOf
from sync.places.gazetteer import Gazetteer

BATCH = 100


@dataclass(frozen=True, order=True)
class Collected:
    """A ward and village as they were told on the day of the visit, with the names they bore then."""

    ward: str = ""
    ward_name: str = ""
    village: str = ""
    village_name: str = ""

    def as_data(self) -> dict[str, str | None]:
        return {
            "ward": self.ward or None,
            "ward_name": self.ward_name or None,
            "village": self.village or None,
            "village_name": self.village_name or None,
        }


@dataclass
class _Tally:
    """The visits of one unit as of today: how many stand there, and what of them changed."""

    visits: int = 0
    retagged: int = 0
    nearest_changed: int = 0
    flags_raised: Counter[str] = field(default_factory=Counter)
    flags_gone: Counter[str] = field(default_factory=Counter)
    collected: Counter[Collected] = field(default_factory=Counter)

    def note(self, old: Any, new: dict[str, Any]) -> None:
        before, after = old.location or {}, new["location"]
        self.retagged += 1
        self.nearest_changed += before.get("village") != after["village"]
        self.flags_raised.update(set(after["flags"]) - set(before.get("flags", ())))
        self.flags_gone.update(set(before.get("flags", ())) - set(after["flags"]))


@dataclass
class Relocated:
    """``units`` counts by (ward, village) as of the day ``on``, each with what it was collected as."""

    gazetteer: str
    on: date
    visits: int = 0
    changed: int = 0
    units: dict[tuple[str, str], _Tally] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return {
            "gazetteer_version": self.gazetteer,
            "on": self.on.isoformat(),
            "visits": self.visits,
            "changed": self.changed,
            "units": [
                {
                    "ward": ward or None,
                    "village": village or None,
                    "visits": tally.visits,
                    "retagged": tally.retagged,
                    "nearest_changed": tally.nearest_changed,
                    "flags_raised": dict(sorted(tally.flags_raised.items())),
                    "flags_gone": dict(sorted(tally.flags_gone.items())),
                    "as_collected": [
                        {**collected.as_data(), "visits": number}
                        for collected, number in sorted(tally.collected.items())
                    ],
                }
                for (ward, village), tally in sorted(self.units.items())
            ],
        }


def relocate(*, now: datetime, dry_run: bool, on: date | None = None) -> Relocated:
    """Place every kept interview by the gazetteer as it is now; ``on`` is the day the report counts by, else today."""
    session = db.session()
    places, day = gazetteer(session), on or now.astimezone(ZONE).date()
    places.check_day(day)
    result, eyes = Relocated(places.version, day), AsOf(places, day)
    keys = [
        (row[0], row[1])
        for row in session.execute(
            sa.select(SUBMISSIONS.c.province_code, SUBMISSIONS.c.id)
            .where(SUBMISSIONS.c.standing == "current")
            .order_by(SUBMISSIONS.c.received_at, SUBMISSIONS.c.id)
        )
    ]
    for start in range(0, len(keys), BATCH):
        outcomes = work_out_all(session, keys[start : start + BATCH])
        changed = [outcome for outcome in outcomes if _compare(session, outcome, eyes, result)]
        if changed and not dry_run:
            _store(session, changed, now)
    if not dry_run:
        begin_writing(session)
        audit.tell(
            session,
            now=now,
            person_id=None,
            action="places.relocate",
            subject=places.version,
            visits=result.visits,
            changed=result.changed,
        )
        session.commit()
    session.rollback()
    return result


def _compare(session: Session, outcome: Outcome, eyes: AsOf, result: Relocated) -> bool:
    """Count one visit; says whether its tag changes."""
    rows = outcome.rows
    old = past_places.visit(session.connection(), outcome.province, outcome.submission_id)
    if old is None or rows is None or rows.visit is None:
        return False
    ward, village = eyes.place(old.ward_code, old.village_code, old.visited_on)
    tally = result.units.setdefault((ward or "", village or ""), _Tally())
    tally.visits += 1
    tally.collected[_collected(eyes.gazetteer, old)] += 1
    result.visits += 1
    if all(getattr(old, name) == rows.visit[name] for name in TAGS):
        return False
    tally.note(old, rows.visit)
    result.changed += 1
    return True


def _collected(places: Gazetteer, visit: Any) -> Collected:
    def name(code: str | None) -> str:
        unit = places.find(code, on=visit.visited_on) if code and visit.visited_on else None
        return unit.name if unit else ""

    ward, village = visit.ward_code, visit.village_code
    return Collected(ward or "", name(ward), village or "", name(village))


def _store(session: Session, outcomes: list[Outcome], now: datetime) -> None:
    begin_writing(session)
    for outcome in outcomes:
        assert outcome.rows is not None
        assert outcome.rows.visit is not None
        past_places.retag(session.connection(), outcome.rows.visit, outcome.problem, now)
    session.commit()
