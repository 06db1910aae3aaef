"""Entities (households, children, whatever a form declares) as each submission created or updated them. Derived.

One row per submission and entity; the list a phone gets merges the rows of an entity in order of reception.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, PlainJson
from server.store.children import Child
from server.store.households import Household
from server.store.portions import portions
from server.store.submissions import SUBMISSIONS


class EntityRow(Base):
    __tablename__ = "entities"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "submission_id"], ["submissions.province_code", "submissions.id"]
        ),
        sa.Index("ix_entities_entity", "province_code", "dataset", "entity_id"),
        sa.Index("ix_entities_dataset", "province_code", "dataset", "ward_code", "village_code"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    submission_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(sa.String(200))
    entity_id: Mapped[str] = mapped_column(sa.String(64))
    label: Mapped[str] = mapped_column(sa.Text)
    properties: Mapped[Any] = mapped_column(PlainJson)
    ward_code: Mapped[str | None] = mapped_column(sa.String(20))
    village_code: Mapped[str | None] = mapped_column(sa.String(20))


ENTITIES: sa.Table = EntityRow.__table__  # type: ignore[assignment]


@dataclass(frozen=True)
class Entity:
    """One entity as it stands now; ``version`` counts the submissions that spoke of it."""

    id: str
    label: str
    version: int
    properties: dict[str, str]


def listed(
    connection: Connection,
    province: str,
    dataset: str,
    area: tuple[str, ...] | None,
    person_id: str,
    *,
    unknown: bool = False,
) -> list[Entity]:
    """The entities of these wards and villages (None: of all), and those the person sent in; ordered by id.

    ``unknown``: only those that are no household or child of the database (their forms declare no facts).
    """
    table = ENTITIES.c
    asked = (
        sa.select(table.entity_id, table.label, table.properties)
        .join(
            SUBMISSIONS,
            sa.and_(
                SUBMISSIONS.c.province_code == table.province_code, SUBMISSIONS.c.id == table.submission_id
            ),
        )
        .where(table.province_code == province, table.dataset == dataset)
        .order_by(table.entity_id, SUBMISSIONS.c.received_at, SUBMISSIONS.c.id, table.position)
    )
    if area is not None:
        asked = asked.where(
            sa.or_(
                table.ward_code.in_(area),
                table.village_code.in_(area),
                sa.and_(table.ward_code.is_(None), SUBMISSIONS.c.person_id == person_id),
            )
        )
    if unknown:
        rows = {"household": Household.__table__, "child": Child.__table__}[dataset]
        same = sa.and_(rows.c.province_code == table.province_code, rows.c.id == table.entity_id)
        asked = asked.where(~sa.exists().where(same))
    found: dict[str, Entity] = {}
    for entity_id, label, properties in connection.execute(asked):
        old = found.get(entity_id)
        merged = {**old.properties, **properties} if old else properties
        found[entity_id] = Entity(
            entity_id, label or (old.label if old else ""), old.version + 1 if old else 1, merged
        )
    return list(found.values())


def properties(
    connection: Connection, province: str, dataset: str, ids: Iterable[str]
) -> dict[str, dict[str, str]]:
    """What forms said of these entities, the later word over the earlier one."""
    table = ENTITIES.c
    asked = (
        sa.select(table.entity_id, table.properties)
        .join(
            SUBMISSIONS,
            sa.and_(
                SUBMISSIONS.c.province_code == table.province_code, SUBMISSIONS.c.id == table.submission_id
            ),
        )
        .where(table.province_code == province, table.dataset == dataset)
        .order_by(SUBMISSIONS.c.received_at, SUBMISSIONS.c.id, table.position)
    )
    found: dict[str, dict[str, str]] = {}
    for some in portions(ids):
        for entity_id, said in connection.execute(asked.where(table.entity_id.in_(some))):
            found[entity_id] = {**found.get(entity_id, {}), **said}
    return found
