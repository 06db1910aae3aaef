"""A household's and a child's own row, settled from every visit that spoke of it and every officer's choice.

The visits stand in the order in which the office received them (a correction stands where the interview stood that
it corrects), so that the versions phones name mean the same after a rebuild.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.store import entity_log, identity_events
from server.store.children import Child, Observation
from server.store.departures import DEPARTURES
from server.store.households import Household, Visit
from server.store.submissions import SUBMISSIONS
from sync.histories import State
from sync.text import fold
from sync.versions import Written, settled

HOUSEHOLDS: sa.Table = Household.__table__  # type: ignore[assignment]
VISITS: sa.Table = Visit.__table__  # type: ignore[assignment]
CHILDREN: sa.Table = Child.__table__  # type: ignore[assignment]
OBSERVATIONS: sa.Table = Observation.__table__  # type: ignore[assignment]
HOUSEHOLD_FIELDS = ("ward_code", "village_code", "number", "head_name")
CHILD_FIELDS = ("household_id", "name", "sex", "birth", "presence")


def settle_household(connection: Connection, province: str, household_id: str) -> None:
    """Write, refresh or drop the household's own row."""
    lines = _line(connection, province, "household", household_id)
    row = _row(province, household_id, lines, HOUSEHOLD_FIELDS)
    if row is not None:
        row["head_key"] = fold(str(row["head_name"])) if row["head_name"] else None
    _put(connection, HOUSEHOLDS, "household", province, household_id, row)


def settle_child(connection: Connection, province: str, child_id: str, same_as: str) -> None:
    lines = _line(connection, province, "child", child_id)
    row = _row(province, child_id, lines, CHILD_FIELDS)
    if row is not None:
        # Two households claim the child and none stood before: the child stays where it was first seen.
        row["household_id"] = row["household_id"] or row["conflicts"]["household_id"][0][1]
        row["name_key"] = fold(str(row["name"])) if row["name"] else None
        row["same_as"] = same_as
    _put(connection, CHILDREN, "child", province, child_id, row)


def ensure(connection: Connection, kind: str, row: dict[str, Any]) -> None:
    """A row for visits to point at; what it says is settled when they are stored."""
    table = HOUSEHOLDS if kind == "household" else CHILDREN
    same = sa.and_(table.c.province_code == row["province_code"], table.c.id == row["id"])
    if connection.scalar(sa.select(table.c.id).where(same)) is None:
        connection.execute(sa.insert(table), [row])
        entity_log.note(connection, row["province_code"], kind, row["id"])


def state_of(connection: Connection, province: str, kind: str, entity_id: str) -> tuple[State, list[str]]:
    """The settled state of a household or child, and the ids of every edit that led to it."""
    line = _line(connection, province, kind, entity_id)
    return settled(line), [one.id for one in line]


def _row(
    province: str, entity_id: str, line: Sequence[Written], fields: tuple[str, ...]
) -> dict[str, Any] | None:
    if not any(one.chosen_over is None for one in line):
        return None
    state = settled(line)
    rivals = {name: [[edit_id, value] for edit_id, value in pairs] for name, pairs in state.conflicts.items()}
    row = {name: state.values.get(name) for name in fields}
    return {
        "province_code": province,
        "id": entity_id,
        **row,
        "version": len(line),
        "conflicts": rivals or None,
    }


def _line(connection: Connection, province: str, kind: str, entity_id: str) -> list[Written]:
    """Visits and choices about one household or child, in the order the office came to know them."""
    rows = connection.execute(_edits(kind, province, entity_id))
    placed = []
    for row in rows:
        at = (
            row.received_at
            if not row.deprecated_id
            else _first(connection, province, row.deprecated_id, row.received_at)
        )
        placed.append(((at, 0, row.key), _written(row.key, row.entity or {"values": {}})))
    for row, stands in identity_events.choices(connection, province, kind, entity_id):
        values = {row.field: row.value} if stands and not row.undone else {}
        choice = Written(f"choice:{row.id}", values, chosen_over=frozenset(row.seen))
        placed.append(((row.at, 1, row.id), choice))
    return [written for _, written in sorted(placed, key=lambda entry: entry[0])]


def _edits(kind: str, province: str, entity_id: str) -> Any:
    """What each visit said: of a household by the visit, of a child by an observation or a departure."""
    if kind == "household":
        return _told(VISITS, VISITS.c.submission_id, VISITS.c.household_id, province, entity_id)
    return sa.union_all(
        *(
            _told(table, table.c.id, table.c.child_id, province, entity_id)
            for table in (OBSERVATIONS, DEPARTURES)
        )
    )


def _told(
    table: sa.Table, key: sa.ColumnElement[Any], own: sa.ColumnElement[Any], province: str, entity_id: str
) -> sa.Select[Any]:
    submission = sa.and_(
        SUBMISSIONS.c.province_code == table.c.province_code, SUBMISSIONS.c.id == table.c.submission_id
    )
    return (
        sa.select(key.label("key"), table.c.entity, SUBMISSIONS.c.received_at, SUBMISSIONS.c.deprecated_id)
        .join(SUBMISSIONS, submission)
        .where(table.c.province_code == province, own == entity_id)
    )


def _written(key: str, entity: dict[str, Any]) -> Written:
    return Written(
        key,
        entity["values"],
        creates=entity.get("action") != "update",
        base=entity.get("base"),
        trunk=entity.get("trunk"),
        branch=entity.get("branch") or "",
    )


def _first(connection: Connection, province: str, instance_id: str, at: Any) -> Any:
    """When the first interview of a line of corrections was received."""
    known: set[str] = set()
    asked: str | None = instance_id
    while asked and asked not in known:
        known.add(asked)
        row = connection.execute(
            sa.select(SUBMISSIONS.c.received_at, SUBMISSIONS.c.deprecated_id)
            .where(SUBMISSIONS.c.province_code == province, SUBMISSIONS.c.instance_id == asked)
            .order_by(SUBMISSIONS.c.received_at, SUBMISSIONS.c.id)
            .limit(1)
        ).first()
        if row is None:
            break
        at, asked = row
    return at


def _put(
    connection: Connection,
    table: sa.Table,
    kind: str,
    province: str,
    entity_id: str,
    row: dict[str, Any] | None,
) -> None:
    """Bring the stored row to this; a change is noted for the phones."""
    same = sa.and_(table.c.province_code == province, table.c.id == entity_id)
    known = connection.execute(sa.select(table).where(same)).first()
    if row is None:
        if known is None:
            return
        connection.execute(sa.delete(table).where(same))
    elif known is None:
        connection.execute(sa.insert(table), [row])
    elif dict(known._mapping) != row:
        connection.execute(sa.update(table).where(same).values(**row))
    else:
        return
    entity_log.note(connection, province, kind, entity_id, _place_of(connection, province, kind, known))


def _place_of(connection: Connection, province: str, kind: str, known: Any) -> tuple[str | None, str | None]:
    """Ward and village of a row as it stood; a child stands where its household stands."""
    if known is None:
        return None, None
    if kind == "household":
        return known.ward_code, known.village_code
    row = connection.execute(
        sa.select(HOUSEHOLDS.c.ward_code, HOUSEHOLDS.c.village_code).where(
            HOUSEHOLDS.c.province_code == province, HOUSEHOLDS.c.id == known.household_id
        )
    ).first()
    return (row[0], row[1]) if row else (None, None)
