"""The reader's area: the wards and villages a person answers for, by name, as they stand today.

An officer of a ward answers for its villages, too; the store's questions are asked with that wider area.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import g
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.entrance import now, who
from server.flows.area import reach, wards_of
from server.flows.form_files import ZONE
from server.flows.places import gazetteer
from server.flows.unit_names import label
from server.store import people
from server.store.base import db
from server.store.people import Person
from sync.places.gazetteer import Gazetteer
from sync.places.unit import Unit
from sync.text import fold


@dataclass(frozen=True)
class Area:
    """Wards with those of their villages that lie in the area, in order of code."""

    places: Gazetteer
    today: date
    wards: tuple[tuple[Unit, tuple[Unit, ...]], ...]

    @property
    def villages(self) -> list[Unit]:
        return [village for _, villages in self.wards for village in villages]

    @property
    def practice(self) -> bool:
        """Whether the office still works with the practice list."""
        return any(village.practice for village in self.villages)

    def name(self, code: str | None, on: date | None = None) -> str:
        """The name a code had on a day (today if not said); the code itself where nothing is known."""
        if not code:
            return "–"
        unit = self.places.find(code, on=on or self.today)
        if unit is None:
            versions = self.places.versions(code)
            unit = versions[-1] if versions else None
        return label(unit) if unit else code

    def matching(self, text: str) -> list[str]:
        """Codes of wards and villages whose name holds the text, tone marks or not."""
        key = fold(text)
        units = [unit for ward, villages in self.wards for unit in (ward, *villages)]
        return [unit.code for unit in units if key and key in fold(label(unit))]


def today() -> date:
    return now().astimezone(ZONE).date()


def reader() -> Who:
    """The signed-in person with the whole of their area."""
    found: Who | None = g.get("reader")
    if found is None:
        found = g.reader = reach(gazetteer(db.session()), who(), today())
    return found


def area() -> Area:
    """The signed-in person's area with names."""
    found: Area | None = g.get("area")
    if found is None:
        found = g.area = area_of(db.session(), reader())
    return found


def area_of(session: Session, person: Who, on: date | None = None) -> Area:
    places, on = gazetteer(session), on or today()
    return Area(places, on, tuple(wards_of(places, person, on=on, today=today())))


def colleagues() -> list[Person]:
    """The people a reader may know of: those who work in the reader's area, and the reader."""
    session, person = db.session(), reader()
    everyone = people.everyone(session)
    if person.everywhere:
        return everyone
    areas = people.areas(session)
    mine = set(person.area)
    return [entry for entry in everyone if entry.id == person.id or mine & set(areas.get(entry.id, ()))]
