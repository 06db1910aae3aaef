"""Replacing what submissions have given, many at once, and fingerprinting all that is derived.

A household's and a child's own row shows the newest visit (by reception), whatever order derivation ran in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.store.children import Child, FindingRow, JobRow, JudgementRow, Observation
from server.store.entities import ENTITIES
from server.store.households import Household, Visit
from server.store.submissions import SUBMISSIONS

HOUSEHOLDS: sa.Table = Household.__table__  # type: ignore[assignment]
VISITS: sa.Table = Visit.__table__  # type: ignore[assignment]
CHILDREN: sa.Table = Child.__table__  # type: ignore[assignment]
OBSERVATIONS: sa.Table = Observation.__table__  # type: ignore[assignment]
JOBS: sa.Table = JobRow.__table__  # type: ignore[assignment]
JUDGEMENTS: sa.Table = JudgementRow.__table__  # type: ignore[assignment]
FINDINGS: sa.Table = FindingRow.__table__  # type: ignore[assignment]
TABLES = (ENTITIES, FINDINGS, JUDGEMENTS, JOBS, OBSERVATIONS, VISITS, CHILDREN, HOUSEHOLDS)


class DerivedRows(Protocol):
    """What ``replace`` stores: rows by table, as the flow worked them out."""

    household: dict[str, Any] | None
    visit: dict[str, Any] | None
    children: list[dict[str, Any]]
    observations: list[dict[str, Any]]
    jobs: list[dict[str, Any]]
    judgements: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    entities: list[dict[str, Any]]


Given = tuple[str, "DerivedRows | None"]
Order = tuple[Any, str]


def replace(connection: Connection, province: str, given: Sequence[Given]) -> None:
    """Take away what these submissions (of one province) gave before and put in what they give now."""
    ids = [submission_id for submission_id, _ in given]
    before = _before(connection, province, ids)
    _delete(connection, province, ids)
    order = _reception(connection, province, ids)
    ordered = sorted(given, key=lambda entry: order[entry[0]])
    visited = [(key, rows) for key, rows in ordered if rows is not None and rows.household and rows.visit]
    _put_households(connection, province, visited, order)
    _insert(connection, VISITS, (rows.visit for _, rows in visited if rows.visit))
    _put_children(connection, province, visited, order)
    _insert(connection, OBSERVATIONS, (row for _, rows in visited for row in rows.observations))
    _insert(connection, JOBS, (row for _, rows in visited for row in rows.jobs))
    _insert(connection, JUDGEMENTS, (row for _, rows in visited for row in rows.judgements))
    _insert(connection, FINDINGS, (row for _, rows in visited for row in rows.findings))
    _insert(connection, ENTITIES, (row for _, rows in ordered if rows is not None for row in rows.entities))
    _drop_orphans(connection, province, *before)


def fingerprint(connection: Connection) -> str:
    """One SHA-256 over every derived row, in key order."""
    digest = hashlib.sha256()
    for table in TABLES:
        digest.update(table.name.encode())
        for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _insert(connection: Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    values = [{("class" if key == "class_" else key): value for key, value in row.items()} for row in rows]
    if values:
        connection.execute(sa.insert(table), values)


def _reception(connection: Connection, province: str, ids: Sequence[str]) -> dict[str, Order]:
    """The order of reception of these submissions; ties by id, so that any order gives one answer."""
    table = SUBMISSIONS.c
    rows = connection.execute(
        sa.select(table.id, table.received_at).where(table.province_code == province, table.id.in_(ids))
    )
    return {submission_id: (received_at, submission_id) for submission_id, received_at in rows}


def _put_households(
    connection: Connection,
    province: str,
    visited: Sequence[tuple[str, DerivedRows]],
    order: Mapping[str, Order],
) -> None:
    newest = {rows.household["id"]: (order[key], rows.household) for key, rows in visited if rows.household}
    stored = _newest_stored(connection, VISITS, VISITS.c.household_id, province, list(newest))
    _put_identities(connection, HOUSEHOLDS, province, newest, stored)


def _put_children(
    connection: Connection,
    province: str,
    visited: Sequence[tuple[str, DerivedRows]],
    order: Mapping[str, Order],
) -> None:
    newest = {child["id"]: (order[key], child) for key, rows in visited for child in rows.children}
    stored = _newest_stored(connection, OBSERVATIONS, OBSERVATIONS.c.child_id, province, list(newest))
    _put_identities(connection, CHILDREN, province, newest, stored)


def _newest_stored(
    connection: Connection, table: sa.Table, identity: sa.ColumnElement[str], province: str, ids: list[str]
) -> dict[str, Order]:
    """When other submissions spoke of these last."""
    rows = connection.execute(
        sa.select(identity, SUBMISSIONS.c.received_at, SUBMISSIONS.c.id)
        .join(
            SUBMISSIONS,
            sa.and_(
                SUBMISSIONS.c.province_code == table.c.province_code,
                SUBMISSIONS.c.id == table.c.submission_id,
            ),
        )
        .where(table.c.province_code == province, identity.in_(ids))
    )
    newest: dict[str, Order] = {}
    for key, received_at, submission_id in rows:
        newest[key] = max(newest.get(key, (received_at, submission_id)), (received_at, submission_id))
    return newest


def _put_identities(
    connection: Connection,
    table: sa.Table,
    province: str,
    newest: Mapping[str, tuple[Order, dict[str, Any]]],
    stored: Mapping[str, Order],
) -> None:
    """Insert or refresh identity rows; one that a newer visit wrote stays."""
    same = sa.and_(table.c.province_code == province, table.c.id.in_(list(newest)))
    known = set(connection.scalars(sa.select(table.c.id).where(same)))
    _insert(connection, table, (row for key, (_, row) in newest.items() if key not in known))
    fresher = [
        {f"new_{name}": value for name, value in row.items()}
        for key, (at, row) in newest.items()
        if key in known and not (key in stored and stored[key] > at)
    ]
    if fresher:
        columns = [name.removeprefix("new_") for name in fresher[0]]
        connection.execute(
            sa.update(table)
            .where(table.c.province_code == sa.bindparam("new_province_code"))
            .where(table.c.id == sa.bindparam("new_id"))
            .values(
                {name: sa.bindparam(f"new_{name}") for name in columns if name not in ("province_code", "id")}
            ),
            fresher,
        )


def _before(connection: Connection, province: str, ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The households and children these submissions spoke of until now."""
    visits = sa.and_(VISITS.c.province_code == province, VISITS.c.submission_id.in_(ids))
    mine = sa.and_(OBSERVATIONS.c.province_code == province, OBSERVATIONS.c.submission_id.in_(ids))
    households = connection.scalars(sa.select(VISITS.c.household_id).where(visits).distinct())
    children = connection.scalars(sa.select(OBSERVATIONS.c.child_id).where(mine).distinct())
    return list(households), list(children)


def _delete(connection: Connection, province: str, ids: Sequence[str]) -> None:
    mine = sa.select(OBSERVATIONS.c.id).where(
        OBSERVATIONS.c.province_code == province, OBSERVATIONS.c.submission_id.in_(ids)
    )
    for table in (FINDINGS, JUDGEMENTS, JOBS):
        connection.execute(
            sa.delete(table).where(table.c.province_code == province, table.c.observation_id.in_(mine))
        )
    for table in (OBSERVATIONS, VISITS, ENTITIES):
        connection.execute(
            sa.delete(table).where(table.c.province_code == province, table.c.submission_id.in_(ids))
        )


def _drop_orphans(
    connection: Connection, province: str, households: Sequence[str], children: Sequence[str]
) -> None:
    """Identity rows that no visit speaks of any more (an edit may have removed a child)."""
    for table, seen, ids in (
        (CHILDREN, OBSERVATIONS.c.child_id, children),
        (HOUSEHOLDS, VISITS.c.household_id, households),
    ):
        if not ids:
            continue
        there = sa.select(seen).where(seen.table.c.province_code == province, seen.in_(ids))
        connection.execute(
            sa.delete(table).where(
                table.c.province_code == province, table.c.id.in_(ids), table.c.id.not_in(there)
            )
        )
