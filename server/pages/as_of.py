"""The day whose units a page is read by: today's, or those of the day in its address (``?on=2025-06-30``)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import g

from forms.problems import Problem
from server.flows.places import gazetteer
from server.pages.area import Area, area_of, reader, today
from server.pages.listing import asked
from server.store.base import db
from server.store.lists import Search
from sync.places.as_of import AsOf


def read_day(value: str) -> date | None:
    """A day as a form or an address writes it; None when it is empty."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Problem("day_invalid", value=value[:20]) from None


def eyes() -> AsOf:
    """The gazetteer as of the day of the page."""
    found: AsOf | None = g.get("eyes")
    if found is None:
        found = g.eyes = AsOf(gazetteer(db.session()), read_day(asked("on")) or today())
    return found


def area_then() -> Area:
    """The reader's area by the units of that day."""
    return area_of(db.session(), reader(), eyes().on)


def placed(search: Search) -> Search:
    """The search with its ward and village understood as units of that day."""
    return replace(
        search,
        ward_spans=eyes().ward_spans(search.ward) if search.ward else None,
        village_spans=eyes().village_spans(search.village) if search.village else None,
    )


def shared() -> dict[str, object]:
    """What the templates need: the day, and the day as the address has it (empty for today's)."""
    return {"eyes": eyes(), "on": asked("on"), "area_then": area_then(), "first_day": first_day()}


def first_day() -> date:
    """The first day on which any ward is known: no page can be read as of an earlier one."""
    return gazetteer(db.session()).first_day
