"""What was said of households and children, one line of words for each, in the order the office came to know them.

Many lines are read at once: one question per table, however many households or children a batch speaks of.
A correction stands where the interview stood that it corrects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.store import identity_events
from server.store.children import Observation
from server.store.departures import DEPARTURES
from server.store.households import Visit
from server.store.portions import portions
from server.store.submissions import SUBMISSIONS
from sync.versions import Written

VISITS: sa.Table = Visit.__table__  # type: ignore[assignment]
OBSERVATIONS: sa.Table = Observation.__table__  # type: ignore[assignment]

Placed = tuple[tuple[datetime, int, str], Written]


def lines(connection: Connection, province: str, kind: str, ids: Collection[str]) -> dict[str, list[Written]]:
    """Visits and choices about each of these households or children; an empty line for one nobody spoke of."""
    placed: dict[str, list[Placed]] = {entity_id: [] for entity_id in ids}
    rows = [
        row
        for some in portions(ids)
        for said in _SAID[kind]
        for row in connection.execute(said, {"province": province, "ids": some})
    ]
    firsts = _firsts(connection, province, (row.deprecated_id for row in rows))
    for row in rows:
        at = firsts.get(row.deprecated_id, row.received_at)
        placed[row.owner].append(((at, 0, row.key), _written(row.key, row.entity or {"values": {}})))
    for entity_id, chosen in identity_events.choices(connection, province, kind, ids).items():
        placed[entity_id].extend(_chosen(row, stands) for row, stands in chosen)
    return {
        entity_id: [written for _, written in sorted(words, key=lambda entry: entry[0])]
        for entity_id, words in placed.items()
    }


def _chosen(row: Any, stands: bool) -> Placed:
    values = {row.field: row.value} if stands and not row.undone else {}
    return (row.at, 1, row.id), Written(f"choice:{row.id}", values, chosen_over=frozenset(row.seen))


def _written(key: str, entity: Mapping[str, Any]) -> Written:
    return Written(
        key,
        entity["values"],
        creates=entity.get("action") != "update",
        base=entity.get("base"),
        trunk=entity.get("trunk"),
        branch=entity.get("branch") or "",
    )


def _firsts(
    connection: Connection, province: str, corrected: Iterable[str | None]
) -> dict[str | None, datetime]:
    """When the first interview of each line of corrections was received, by the id that a correction names.

    An id that names nothing kept is left out: the correction then stands where it was received itself.
    """
    asked = {instance_id for instance_id in corrected if instance_id}
    known: dict[str, tuple[datetime, str | None]] = {}
    unknown = set(asked)
    while unknown:
        found = _oldest(connection, province, unknown)
        known |= found
        unknown = {old for _, old in found.values() if old and old not in known}
    return {instance_id: _first(instance_id, known) for instance_id in asked if instance_id in known}


def _first(instance_id: str, known: Mapping[str, tuple[datetime, str | None]]) -> datetime:
    """Back to where the corrections began; a circle of them ends where it closes."""
    seen: set[str] = set()
    at, asked = known[instance_id][0], instance_id
    while asked in known and asked not in seen:
        seen.add(asked)
        at, old = known[asked]
        asked = old or ""
    return at


def _oldest(
    connection: Connection, province: str, instance_ids: Iterable[str]
) -> dict[str, tuple[datetime, str | None]]:
    """The reception of the oldest copy of each instance id, and what that copy corrects."""
    found: dict[str, tuple[datetime, str | None]] = {}
    for some in portions(sorted(instance_ids)):
        for row in connection.execute(_COPIES, {"province": province, "ids": some}):
            found.setdefault(row.instance_id, (row.received_at, row.deprecated_id))
    return found


def _said(table: sa.Table, key: sa.Column[Any], owner: sa.Column[Any]) -> sa.Select[Any]:
    same = sa.and_(
        SUBMISSIONS.c.province_code == table.c.province_code, SUBMISSIONS.c.id == table.c.submission_id
    )
    return (
        sa.select(
            owner.label("owner"),
            key.label("key"),
            table.c.entity,
            SUBMISSIONS.c.received_at,
            SUBMISSIONS.c.deprecated_id,
        )
        .join(SUBMISSIONS, same)
        .where(
            table.c.province_code == sa.bindparam("province"), owner.in_(sa.bindparam("ids", expanding=True))
        )
    )


_SAID = {
    "household": (_said(VISITS, VISITS.c.submission_id, VISITS.c.household_id),),
    "child": (
        _said(OBSERVATIONS, OBSERVATIONS.c.id, OBSERVATIONS.c.child_id),
        _said(DEPARTURES, DEPARTURES.c.id, DEPARTURES.c.child_id),
    ),
}
_COPIES = (
    sa.select(SUBMISSIONS.c.instance_id, SUBMISSIONS.c.received_at, SUBMISSIONS.c.deprecated_id)
    .where(
        SUBMISSIONS.c.province_code == sa.bindparam("province"),
        SUBMISSIONS.c.instance_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .order_by(SUBMISSIONS.c.received_at, SUBMISSIONS.c.id)
)
