"""Households' and children's own rows, settled from every visit that spoke of them and every officer's choice.

The visits stand in the order in which the office received them (a correction stands where the interview stood that
it corrects), so that the versions phones name mean the same after a rebuild. A whole batch is settled together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.store import entity_log
from server.store.children import Child
from server.store.entity_log import Change
from server.store.households import Household
from server.store.identity_lines import lines
from server.store.portions import portions
from sync.histories import State
from sync.text import fold
from sync.versions import Written, settled

HOUSEHOLDS: sa.Table = Household.__table__  # type: ignore[assignment]
CHILDREN: sa.Table = Child.__table__  # type: ignore[assignment]
TABLES = {"household": HOUSEHOLDS, "child": CHILDREN}
HOUSEHOLD_FIELDS = ("ward_code", "village_code", "number", "head_name")
CHILD_FIELDS = ("household_id", "name", "sex", "birth", "presence")

Row = dict[str, Any]


def settle_households(connection: Connection, province: str, household_ids: Collection[str]) -> None:
    """Write, refresh or drop the own rows of these households."""
    rows: dict[str, Row | None] = {}
    for household_id, line in lines(connection, province, "household", household_ids).items():
        row = rows[household_id] = _row(province, household_id, line, HOUSEHOLD_FIELDS)
        if row is not None:
            row["head_key"] = fold(str(row["head_name"])) if row["head_name"] else None
    _put(connection, province, "household", rows)


def settle_children(
    connection: Connection, province: str, child_ids: Collection[str], joined: Mapping[str, str]
) -> None:
    """The same for children; ``joined`` are those that officers joined, by the id each stands under."""
    rows: dict[str, Row | None] = {}
    for child_id, line in lines(connection, province, "child", child_ids).items():
        row = rows[child_id] = _row(province, child_id, line, CHILD_FIELDS)
        if row is not None:
            # Two households claim the child and none stood before: the child stays where it was first seen.
            row["household_id"] = row["household_id"] or row["conflicts"]["household_id"][0][1]
            row["name_key"] = fold(str(row["name"])) if row["name"] else None
            row["same_as"] = joined.get(child_id, child_id)
    _put(connection, province, "child", rows)


def ensure(connection: Connection, province: str, kind: str, wanted: Iterable[Row]) -> None:
    """Rows for visits to point at, where there are none; what they say is settled when the visits are stored."""
    by_id: dict[str, Row] = {}
    for row in wanted:
        by_id.setdefault(row["id"], {**row, "version": 1, "conflicts": None})
    known = _known(connection, province, kind, by_id)
    _insert(connection, province, kind, [row for entity_id, row in by_id.items() if entity_id not in known])


def state_of(connection: Connection, province: str, kind: str, entity_id: str) -> tuple[State, list[str]]:
    """The settled state of a household or child, and the ids of every edit that led to it."""
    line = lines(connection, province, kind, [entity_id])[entity_id]
    return settled(line), [one.id for one in line]


def _row(province: str, entity_id: str, line: Sequence[Written], fields: tuple[str, ...]) -> Row | None:
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


def _put(connection: Connection, province: str, kind: str, rows: Mapping[str, Row | None]) -> None:
    """Bring the stored rows to these; every change is noted for the phones."""
    known = _known(connection, province, kind, rows)
    gone = [entity_id for entity_id, row in rows.items() if row is None and entity_id in known]
    changed = [row for entity_id, row in rows.items() if row is not None and known.get(entity_id, row) != row]
    places = _places(
        connection, province, kind, [known[one] for one in (*gone, *(row["id"] for row in changed))]
    )
    _insert(
        connection, province, kind, [row for key, row in rows.items() if row is not None and key not in known]
    )
    if changed:
        marked = [{f"new_{name}": value for name, value in row.items()} for row in changed]
        connection.execute(_UPDATE[kind], marked)
    for some in portions(gone):
        connection.execute(_DELETE[kind], {"province": province, "ids": some})
    noted = sorted({*gone, *(row["id"] for row in changed)})
    entity_log.note(connection, [Change(province, kind, one, *places[one]) for one in noted])


def _insert(connection: Connection, province: str, kind: str, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(_INSERT[kind], rows)
        entity_log.note(connection, [Change(province, kind, row["id"]) for row in rows])


def _known(connection: Connection, province: str, kind: str, ids: Iterable[str]) -> dict[str, Row]:
    """The rows as they are stored."""
    return {
        row["id"]: dict(row)
        for some in portions(ids)
        for row in connection.execute(_STORED[kind], {"province": province, "ids": some}).mappings()
    }


def _places(
    connection: Connection, province: str, kind: str, rows: Sequence[Row]
) -> dict[str, tuple[str | None, str | None]]:
    """Ward and village of rows as they stood; a child stands where its household stands."""
    if kind == "household":
        return {row["id"]: (row["ward_code"], row["village_code"]) for row in rows}
    homes = _known(connection, province, "household", (row["household_id"] for row in rows))
    nowhere: Row = {"ward_code": None, "village_code": None}
    found = {row["id"]: homes.get(row["household_id"], nowhere) for row in rows}
    return {child_id: (home["ward_code"], home["village_code"]) for child_id, home in found.items()}


# Written once: putting a statement together costs more than running it.
def _these(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.province_code == sa.bindparam("province"),
        table.c.id.in_(sa.bindparam("ids", expanding=True)),
    )


def _update(table: sa.Table) -> sa.Update:
    same = sa.and_(
        table.c.province_code == sa.bindparam("new_province_code"), table.c.id == sa.bindparam("new_id")
    )
    named = [column.name for column in table.columns if not column.primary_key]
    return sa.update(table).where(same).values({name: sa.bindparam(f"new_{name}") for name in named})


_STORED = {kind: sa.select(table).where(_these(table)) for kind, table in TABLES.items()}
_INSERT = {kind: sa.insert(table) for kind, table in TABLES.items()}
_UPDATE = {kind: _update(table) for kind, table in TABLES.items()}
_DELETE = {kind: sa.delete(table).where(_these(table)) for kind, table in TABLES.items()}
