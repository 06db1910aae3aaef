"""Households and the visits paid to them; derived from submissions, never the only copy of an answer.

A household keeps its identity over rounds (its ODK entity id); each submission about it is one visit. ``version`` is
the entity version that phones name, ``conflicts`` what two phones wrote differently, by field.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, PlainJson


class Household(Base):
    __tablename__ = "households"

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    ward_code: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    village_code: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    number: Mapped[int | None]
    head_name: Mapped[str | None] = mapped_column(sa.String(200))
    head_key: Mapped[str | None] = mapped_column(sa.String(200))
    version: Mapped[int] = mapped_column(server_default="1")
    conflicts: Mapped[Any] = mapped_column(PlainJson, nullable=True)


class Visit(Base):
    """One submission as a visit: where it was placed, its result, and the household's answers as facts."""

    __tablename__ = "visits"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "submission_id"], ["submissions.province_code", "submissions.id"]
        ),
        sa.ForeignKeyConstraint(
            ["province_code", "household_id"], ["households.province_code", "households.id"]
        ),
        sa.Index(None, "province_code", "household_id"),
        sa.Index(None, "round_id", "ward_code", "village_code"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    submission_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    household_id: Mapped[str] = mapped_column(sa.String(64))
    round_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rounds.id"))
    visited_on: Mapped[date | None]
    reference_to: Mapped[date | None]
    result: Mapped[str | None] = mapped_column(sa.String(10))
    ward_code: Mapped[str | None] = mapped_column(sa.String(20))
    ward_valid_from: Mapped[date | None]
    village_code: Mapped[str | None] = mapped_column(sa.String(20))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    accuracy: Mapped[float | None]
    location: Mapped[Any] = mapped_column(PlainJson)
    facts: Mapped[Any] = mapped_column(PlainJson)
    made_by: Mapped[Any] = mapped_column(PlainJson)
    entity: Mapped[Any] = mapped_column(PlainJson, nullable=True)
