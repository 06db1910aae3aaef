"""Children and what was observed of each in one visit: age, school, work (jobs), and how the law judges it. Derived.

``judgements`` holds one row per observation and profile, with the findings as JSON in the engine's own words;
``findings`` repeats the codes as rows, so that lists can be filtered and counted.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, PlainJson


class Child(Base):
    __tablename__ = "children"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "household_id"], ["households.province_code", "households.id"]
        ),
        sa.Index(None, "province_code", "household_id"),
        sa.Index(None, "name_key"),
        sa.Index("ix_children_same_as", "province_code", "same_as"),
        sa.Index("ix_children_birth", "province_code", "birth"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    household_id: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str | None] = mapped_column(sa.String(200))
    name_key: Mapped[str | None] = mapped_column(sa.String(200))
    sex: Mapped[str | None] = mapped_column(sa.String(10))
    birth: Mapped[str | None] = mapped_column(sa.String(10))
    presence: Mapped[str | None] = mapped_column(sa.String(10))
    """What the last visit to know says: None or "here" in the household, else a kind of departure."""
    same_as: Mapped[str] = mapped_column(sa.String(64), server_default="")
    """The record that stands for this child where an officer joined several; else its own id."""
    version: Mapped[int] = mapped_column(server_default="1")
    conflicts: Mapped[Any] = mapped_column(PlainJson, nullable=True)


class Observation(Base):
    """One child in one visit; ``class_`` is the machine's screening under the national profile."""

    __tablename__ = "observations"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "submission_id"], ["visits.province_code", "visits.submission_id"]
        ),
        sa.ForeignKeyConstraint(["province_code", "child_id"], ["children.province_code", "children.id"]),
        sa.Index(None, "province_code", "submission_id"),
        sa.Index(None, "province_code", "child_id"),
        sa.Index(None, "round_id", "class"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    submission_id: Mapped[str] = mapped_column(sa.String(36))
    position: Mapped[int]
    child_id: Mapped[str] = mapped_column(sa.String(64))
    round_id: Mapped[str | None] = mapped_column(sa.ForeignKey("rounds.id"))
    age_months: Mapped[int | None]
    works: Mapped[bool | None]
    hours_week: Mapped[float | None]
    hours_day_max: Mapped[float | None]
    class_: Mapped[str | None] = mapped_column("class", sa.String(20))
    unlawful: Mapped[bool | None]
    procedural_only: Mapped[bool | None]
    facts: Mapped[Any] = mapped_column(PlainJson)
    case: Mapped[Any] = mapped_column(PlainJson)
    entity: Mapped[Any] = mapped_column(PlainJson, nullable=True)


class JobRow(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "observation_id"], ["observations.province_code", "observations.id"]
        ),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    observation_id: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[Any] = mapped_column(PlainJson)


class JudgementRow(Base):
    __tablename__ = "judgements"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "observation_id"], ["observations.province_code", "observations.id"]
        ),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    observation_id: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    profile: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    version: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    class_: Mapped[str | None] = mapped_column("class", sa.String(20))
    child_labour: Mapped[bool | None]
    input_hash: Mapped[str] = mapped_column(sa.String(64))
    result: Mapped[Any] = mapped_column(PlainJson)


class FindingRow(Base):
    __tablename__ = "findings"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["province_code", "observation_id"], ["observations.province_code", "observations.id"]
        ),
        sa.Index(None, "code"),
    )

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    observation_id: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    profile: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60))
    suffix: Mapped[str] = mapped_column(sa.String(10))
    articles: Mapped[Any] = mapped_column(PlainJson)
