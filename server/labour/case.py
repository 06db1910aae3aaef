"""The facts of one case as the law needs them. ``None`` is "not known"; "none" and an empty list are known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from server.labour.ages import age_interval

RELATIONS = ("employer", "apprentice", "family", "own_account")
DAYS = 7

Hours = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One job in the reference week; ``position`` counts from 1 for people."""

    position: int
    relation: str | None = None
    arts_or_sport: bool | None = None
    light_job: str | None = None
    overtime_job: str | None = None
    night_job: str | None = None
    banned_jobs: tuple[str, ...] | None = None
    places: tuple[str, ...] | None = None
    hours: Hours | None = None
    night: bool | None = None
    overtime: bool | None = None
    load_kg: float | None = None
    load_regular: bool | None = None
    parental_consent: bool | None = None
    written_contract: bool | None = None
    representative_signed: bool | None = None
    health_checked: bool | None = None
    provincial_approval: bool | None = None
    harms_study: bool | None = None
    unsafe: bool | None = None


@dataclass(frozen=True)
class Case:
    """One child; ``birth_date`` as far as known, ``months`` the youngest and oldest possible age."""

    id: str
    reference_date: date
    birth_date: str | None = None
    months: tuple[int, int] = age_interval(None, date.min)
    sex: str | None = None
    jobs: tuple[Job, ...] | None = None
    chores_hours: float | None = None
    in_school: bool | None = None
    highest_grade: int | None = None
    forced: bool | None = None
    exploited: bool | None = None
    risk_factors: tuple[str, ...] | None = None
    worked_12_months: bool | None = None

    @cached_property
    def input_hash(self) -> str:
        """SHA-256 of all the facts, known or not; neither the id nor the order of jobs counts."""
        text = json.dumps(case_data(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


JOB_FIELDS = tuple(name for name in Job.__dataclass_fields__ if name != "position")
CASE_FIELDS = tuple(name for name in Case.__dataclass_fields__ if name != "months")


def case_data(case: Case) -> dict[str, Any]:
    """The facts of the case without its id, in one canonical order: what the input hash is made of."""
    data: dict[str, Any] = {name: getattr(case, name) for name in CASE_FIELDS if name != "id"}
    data["reference_date"] = case.reference_date.isoformat()
    if case.jobs is not None:
        data["jobs"] = sorted((job_data(job) for job in case.jobs), key=repr)
    return {name: _listed(value) for name, value in data.items()}


def job_data(job: Job) -> dict[str, Any]:
    """The facts of one job by name."""
    return {name: _listed(getattr(job, name)) for name in JOB_FIELDS}


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
