"""What a phone is given to start the next round with: the households and children of its ground, as list entries.

Only what the form needs to find and confirm them leaves the office: where the household stands and whose it is, the
child's name, sex and birth. No answer of the last visit and no judgement does. Codes are those of the day.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server.access.rules import Who
from server.flows.area import reach
from server.flows.places import gazetteer
from server.flows.unit_names import label
from server.store import departures, last_known
from server.store.last_known import KnownChild, LastKnown
from sync.places.as_of import AsOf

PROPERTIES = {
    "household": ("ward", "village", "number", "head_name"),
    "child": ("household", "full_name", "sex", "birth_year", "birth_month", "birth_day", "status"),
}
HERE, MOVED = departures.HERE, "moved"


@dataclass(frozen=True)
class Entry:
    """One line of an entity list."""

    id: str
    label: str
    version: int
    properties: dict[str, str]


@dataclass(frozen=True)
class Known:
    """``homes``: all households of the ground that were asked about, those that left among them."""

    households: list[tuple[Entry, LastKnown]]
    children: list[Entry]
    homes: frozenset[str]


def known(session: Session, province: str, who: Who, on: date, only: Collection[str] | None = None) -> Known:
    """Households that still live there with their children; ``only`` these households.

    A child that moved away is kept to be found in another household; one that died, came of age or was a wrong entry
    is not given any more.
    """
    eyes = AsOf(gazetteer(session), on)
    found = last_known.households(session, province, reach(eyes.gazetteer, who, on), only)
    homes = {one.row.id: one for one in found}
    children = [
        _child(child, homes[child.seen.household_id])
        for child in last_known.children(session, province, homes)
        if child.seen.presence in (None, HERE, MOVED)
    ]
    entries = [(_household(one, eyes), one) for one in found if not one.left]
    return Known(entries, children, frozenset(homes))


def _household(one: LastKnown, eyes: AsOf) -> Entry:
    row = one.row
    ward, village = eyes.place(row.ward_code, row.village_code, one.visited_on)
    unit = eyes.gazetteer.find(village, on=eyes.on) if village else None
    number = "" if row.number is None else str(row.number)
    parts = (number, row.head_name or "", label(unit) if unit else "")
    properties = {
        "ward": ward or "",
        "village": village or "",
        "number": number,
        "head_name": row.head_name or "",
    }
    return Entry(row.id, " · ".join(part for part in parts if part), row.version, properties)


def _child(child: KnownChild, home: LastKnown) -> Entry:
    seen = child.seen
    year, month, day = [*(seen.birth or "").split("-"), "", ""][:3]
    moved = home.left or seen.presence == MOVED
    number = "" if home.row.number is None else f" · {home.row.number}"
    properties = {
        "household": seen.household_id,
        "full_name": seen.name or "",
        "sex": seen.sex or "",
        "birth_year": year,
        "birth_month": month.lstrip("0"),
        "birth_day": day.lstrip("0"),
        "status": MOVED if moved else HERE,
    }
    text = ", ".join(part for part in (seen.name or "", year) if part) + number
    return Entry(child.standing.id, text, child.standing.version, properties)
