"""The overview of a round: how far the visits have come, what the screening found, what waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, render_template

from server.access.rules import Who
from server.entrance import entrance, who
from server.pages.area import Area, colleagues, reader
from server.pages.as_of import area_then, eyes, shared
from server.pages.listing import asked_round
from server.store import overview, people, submissions
from server.store.base import db
from server.store.lists import CLASSES
from server.store.overview import ClassCount, Sender, VisitCount
from sync.places.unit import Unit

RESULTS = ("1", "2", "3", "4", "5", "6")
LISTED = tuple(name for name in CLASSES if name != "OUT_OF_SCOPE")

blueprint = Blueprint("overview", __name__)


@dataclass
class Line:
    """One ward or village of the table, or all of them together."""

    code: str = ""
    name: str = ""
    ward: str = ""
    level: str = "total"
    registered: int | None = None
    results: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    unlawful: int = 0

    @property
    def visited(self) -> int:
        return self.results.total()

    @property
    def children(self) -> int:
        return sum(number for name, number in self.classes.items() if name != "OUT_OF_SCOPE")

    def add(self, visits: Iterable[VisitCount], classes: Iterable[ClassCount]) -> Line:
        for visit in visits:
            self.results[visit.result or "?"] += visit.households
        for entry in classes:
            self.classes[entry.class_] += entry.children
            self.unlawful += entry.unlawful
        return self


@dataclass(frozen=True)
class Walker:
    """A collaborator as the overview shows them."""

    id: str
    name: str
    area: str
    sent: Sender | None
    seen: datetime | None
    removed: bool


@blueprint.get("/")
@entrance("see_records")
def show() -> str:
    session = db.session()
    round_id, chosen, known = asked_round(session, all_too=False)
    if chosen is None:
        return render_template("overview_empty.html", place="overview")
    person = reader()
    visits = overview.visits(session, round_id, person, eyes().place)
    classes = overview.classes(session, round_id, person, eyes().place)
    places = area_then()
    lines = _table(places, visits, classes)
    return render_template(
        "overview.html",
        place="overview",
        chosen=chosen,
        rounds=known,
        total=_total(places, visits, classes),
        lines=lines,
        results=RESULTS,
        classes=LISTED,
        attention=overview.attention(session, round_id, person),
        set_aside=overview.set_aside(session) if who().role == "administrator" else 0,
        backlog=submissions.backlog(session),
        walkers=_walkers(person, round_id, places),
        practice=places.practice,
        colleagues={entry.id for entry in colleagues()},
        **shared(),
    )


def _total(places: Area, visits: list[VisitCount], classes: list[ClassCount]) -> Line:
    registered = [registered_households(ward, villages) for ward, villages in places.wards]
    known = [number for number in registered if number is not None]
    line = Line(registered=sum(known) if known and len(known) == len(registered) else None)
    return line.add(visits, classes)


def _table(places: Area, visits: list[VisitCount], classes: list[ClassCount]) -> list[Line]:
    """Each ward with its villages under it; visits to villages that are no longer listed stand under their code."""
    lines: list[Line] = []
    wards = {ward.code: (ward, villages) for ward, villages in places.wards}
    for code in [*wards, *_others(visits, set(wards), "ward")]:
        unit, villages = wards.get(code, (None, ()))
        own_visits = [entry for entry in visits if (entry.ward or "") == code]
        own_classes = [entry for entry in classes if (entry.ward or "") == code]
        line = Line(
            code, places.name(code), code, "ward", registered_households(unit, villages) if unit else None
        )
        lines.append(line.add(own_visits, own_classes))
        lines += _villages(places, code, villages, own_visits, own_classes)
    return lines


def _villages(
    places: Area, ward: str, villages: tuple[Unit, ...], visits: list[VisitCount], classes: list[ClassCount]
) -> list[Line]:
    known = {village.code: village for village in villages}
    lines = []
    for code in [*known, *_others(visits, set(known), "village")]:
        unit = known.get(code)
        line = Line(code, places.name(code), ward, "village")
        if unit is not None:
            line.registered = unit.households
        line.add(
            [entry for entry in visits if (entry.village or "") == code],
            [entry for entry in classes if (entry.village or "") == code],
        )
        lines.append(line)
    return lines


def _others(visits: list[VisitCount], known: set[str], what: str) -> list[str]:
    found = {str(getattr(entry, what) or "") for entry in visits}
    return sorted(found - known)


def registered_households(ward: Unit, villages: tuple[Unit, ...]) -> int | None:
    """The registered households a ward is counted against; unknown while one of its villages has no number."""
    if ward.households is not None:
        return ward.households
    numbers = [village.households for village in villages]
    known = [number for number in numbers if number is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def _walkers(person: Who, round_id: str, places: Area) -> list[Walker]:
    """Collaborators of the area and whoever else has sent something, the longest silent first."""
    session = db.session()
    sent, seen = overview.senders(session, round_id, person), people.last_contact(session)
    areas = people.areas(session)
    walkers = [
        Walker(
            entry.id,
            entry.name,
            ", ".join(places.name(code) for code in areas.get(entry.id, ())),
            sent.get(entry.id),
            seen.get(entry.id),
            entry.removed_at is not None,
        )
        for entry in people.everyone(session)
        if entry.id in sent or (entry.role == "collaborator" and _near(person, areas.get(entry.id, ())))
    ]
    shown = [walker for walker in walkers if walker.sent or not walker.removed]
    return sorted(shown, key=_last_heard)


def _near(person: Who, codes: tuple[str, ...]) -> bool:
    return person.everywhere or bool(set(codes) & set(person.area))


def _last_heard(walker: Walker) -> tuple[str, str]:
    moments = [moment for moment in (walker.seen, walker.sent.last if walker.sent else None) if moment]
    return (max(moments).isoformat() if moments else "", walker.name)
