"""The gazetteer of this office, as one object made from the database and kept while the units stay the same."""

from __future__ import annotations

import threading

from sqlalchemy.orm import Session

from server.store import units
from sync.places import official
from sync.places.gazetteer import Gazetteer

_lock = threading.Lock()
_kept: dict[str, tuple[object, Gazetteer]] = {}


def gazetteer(session: Session) -> Gazetteer:
    """Every unit with its dates; read again only when the list has changed."""
    address = str(session.get_bind().engine.url)
    mark = units.stamp(session)
    with _lock:
        found = _kept.get(address)
        if found and found[0] == mark:
            return found[1]
        made = Gazetteer(
            units.all_units(session),
            (*official.official_changes(), *units.all_changes(session)),
            units.all_outlines(session),
            official.official_boxes(),
        )
        _kept[address] = (mark, made)
        return made
