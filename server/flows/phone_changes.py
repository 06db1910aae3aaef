"""What a phone must fetch of the households and children in its area: everything at first, then only what changed.

The cursor carries a mark of the ground it was given for; when a person's area or the list of places changes, the
phone gets everything anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Who
from server.flows.area import reach
from server.flows.known import Entry, Known, known
from server.flows.places import gazetteer
from server.store import entity_log, last_known
from server.store.last_known import LastKnown

_CURSOR = re.compile(r"([0-9]{1,12})\.([0-9a-f]{8})")


def changes(session: Session, who: Who, cursor: str, *, province: str, on: date) -> dict[str, Any]:
    """Households, children and what is gone since the cursor; ``full`` when the phone should forget what it had.

    A household comes with all its children: the phone puts them in the place of those it had.
    """
    places = gazetteer(session)
    person = reach(places, who, on)
    mark = hashlib.sha256(repr((person.everywhere, person.area, places.version)).encode()).hexdigest()[:8]
    since = _since(cursor, mark)
    newest = entity_log.newest(session)
    gone: list[dict[str, str]] = []
    if since == 0:
        found = known(session, province, who, on)
    else:
        found, gone = _delta(session, person, since, province, on)
    return {
        "cursor": f"{newest}.{mark}",
        "full": since == 0,
        "households": [_household(entry, last) for entry, last in found.households],
        "children": [_child(entry) for entry in found.children],
        "gone": gone,
    }


def _since(cursor: str, mark: str) -> int:
    if not cursor:
        return 0
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise Problem("cursor_unknown")
    return int(found[1]) if found[2] == mark else 0


def _delta(
    session: Session, person: Who, since: int, province: str, on: date
) -> tuple[Known, list[dict[str, str]]]:
    """Records that officers joined count as changed together, wherever they stand."""
    of_children = entity_log.changed(session, "child", since)
    records = last_known.standing_for(session, province, of_children)
    changed = entity_log.changed(session, "household", since) | set(records.values())
    found = known(session, province, person, on, changed)
    codes = _codes(person)
    households = entity_log.touched(session, "household", codes, since)
    children = entity_log.touched(session, "child", codes, since)
    children |= {record for record, home in records.items() if home in found.homes}
    gone = {
        "household": households - {entry.id for entry, _ in found.households},
        "child": children - {entry.id for entry in found.children},
    }
    return found, [{"kind": kind, "id": one} for kind, ids in gone.items() for one in sorted(ids)]


def _codes(person: Who) -> Collection[str] | None:
    """Every code that ever meant a part of the ground; a change that names another unit's day costs nothing."""
    if person.everywhere or person.ground is None:
        return None
    return {span.code for span in (*person.ground.wards, *person.ground.villages)}


def _household(entry: Entry, last: LastKnown) -> dict[str, Any]:
    visited = last.visited_on.isoformat() if last.visited_on else None
    return {**_entry(entry), "round": last.round_id, "result": last.result, "visited_on": visited}


def _child(entry: Entry) -> dict[str, Any]:
    return {**_entry(entry), "household_id": entry.properties["household"]}


def _entry(entry: Entry) -> dict[str, Any]:
    return {"id": entry.id, "version": entry.version, "label": entry.label, "properties": entry.properties}
