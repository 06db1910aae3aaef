"""Replacing what submissions have given, many at once, and fingerprinting all that is derived.

A household's and a child's own row is settled from all visits, whatever order derivation ran in (``identity``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.store import identity
from server.store.children import Child, FindingRow, JobRow, JudgementRow, Observation
from server.store.departures import DEPARTURES
from server.store.entities import ENTITIES
from server.store.households import Household, Visit

HOUSEHOLDS: sa.Table = Household.__table__  # type: ignore[assignment]
VISITS: sa.Table = Visit.__table__  # type: ignore[assignment]
CHILDREN: sa.Table = Child.__table__  # type: ignore[assignment]
OBSERVATIONS: sa.Table = Observation.__table__  # type: ignore[assignment]
JOBS: sa.Table = JobRow.__table__  # type: ignore[assignment]
JUDGEMENTS: sa.Table = JudgementRow.__table__  # type: ignore[assignment]
FINDINGS: sa.Table = FindingRow.__table__  # type: ignore[assignment]
TABLES = (ENTITIES, FINDINGS, JUDGEMENTS, JOBS, OBSERVATIONS, DEPARTURES, VISITS, CHILDREN, HOUSEHOLDS)


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
    departures: list[dict[str, Any]]


Given = tuple[str, "DerivedRows | None"]


def replace(connection: Connection, province: str, given: Sequence[Given], joined: Mapping[str, str]) -> None:
    """Take away what these submissions (of one province) gave before and put in what they give now.

    ``joined``: children that officers joined, by the id each stands under.
    """
    ids = [submission_id for submission_id, _ in given]
    households, children = _before(connection, province, ids)
    _delete(connection, province, ids)
    visited = [rows for _, rows in given if rows is not None and rows.household and rows.visit]
    homes = [rows.household for rows in visited if rows.household]
    identity.ensure(connection, province, "household", homes)
    born = [
        {**child, "same_as": joined.get(child["id"], child["id"])}
        for rows in visited
        for child in rows.children
    ]
    identity.ensure(connection, province, "child", born)
    _insert(connection, VISITS, (rows.visit for rows in visited if rows.visit))
    _insert(connection, OBSERVATIONS, (row for rows in visited for row in rows.observations))
    _insert(connection, DEPARTURES, (row for rows in visited for row in rows.departures))
    _insert(connection, JOBS, (row for rows in visited for row in rows.jobs))
    _insert(connection, JUDGEMENTS, (row for rows in visited for row in rows.judgements))
    _insert(connection, FINDINGS, (row for rows in visited for row in rows.findings))
    _insert(connection, ENTITIES, (row for _, rows in given if rows is not None for row in rows.entities))
    children |= {child["id"] for child in born}
    identity.settle_children(connection, province, sorted(children), joined)
    households |= {home["id"] for home in homes}
    identity.settle_households(connection, province, sorted(households))


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


def _before(connection: Connection, province: str, ids: Sequence[str]) -> tuple[set[str], set[str]]:
    """The households and children these submissions spoke of until now."""
    visits = sa.and_(VISITS.c.province_code == province, VISITS.c.submission_id.in_(ids))
    mine = sa.and_(OBSERVATIONS.c.province_code == province, OBSERVATIONS.c.submission_id.in_(ids))
    households = connection.scalars(sa.select(VISITS.c.household_id).where(visits).distinct())
    children = connection.scalars(sa.select(OBSERVATIONS.c.child_id).where(mine).distinct())
    left = sa.and_(DEPARTURES.c.province_code == province, DEPARTURES.c.submission_id.in_(ids))
    gone = connection.scalars(sa.select(DEPARTURES.c.child_id).where(left).distinct())
    return set(households), {*children, *gone}


def _delete(connection: Connection, province: str, ids: Sequence[str]) -> None:
    mine = sa.select(OBSERVATIONS.c.id).where(
        OBSERVATIONS.c.province_code == province, OBSERVATIONS.c.submission_id.in_(ids)
    )
    for table in (FINDINGS, JUDGEMENTS, JOBS):
        connection.execute(
            sa.delete(table).where(table.c.province_code == province, table.c.observation_id.in_(mine))
        )
    for table in (OBSERVATIONS, DEPARTURES, VISITS, ENTITIES):
        connection.execute(
            sa.delete(table).where(table.c.province_code == province, table.c.submission_id.in_(ids))
        )
