"""From the facts of an interview to the cases that the law engine judges. Plain data in, plain data out.

A child enters when it may be 5 to 17 years old on the last day of the reference week.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from forms.facts import ChildFacts, HouseholdFacts, JobFacts

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
JOB_FACTS = (
    "relation",
    "arts_or_sport",
    "light_job",
    "overtime_job",
    "night_job",
    "banned_jobs",
    "places",
    "night",
    "overtime",
    "load_kg",
    "load_regular",
    "parental_consent",
    "written_contract",
    "representative_signed",
    "health_checked",
    "provincial_approval",
    "harms_study",
    "unsafe",
)
CHILD_FACTS = (
    "chores_hours",
    "in_school",
    "highest_grade",
    "forced",
    "exploited",
    "risk_factors",
    "worked_12_months",
)
AT_WORK_ONLY = ("forced", "exploited")
LISTED = ("light_job", "overtime_job", "night_job")


def law_case(child: ChildFacts, case_id: str, reference: date) -> dict[str, Any]:
    """One case of the engine; a fact that is not known stays None."""
    values = child.values
    case: dict[str, Any] = {
        "id": case_id,
        "reference_date": reference.isoformat(),
        "birth_date": birth_of(values),
        "sex": values.get("sex"),
        "jobs": _jobs(child),
    }
    for name in CHILD_FACTS:
        case[name] = _plain(values.get(name))
    for name in AT_WORK_ONLY:
        # Questions G21 and G22 are asked of a child at work; who has no work is not forced into any.
        if case[name] is None and values.get("works") is False:
            case[name] = False
    return case


def birth_of(values: Mapping[str, Any]) -> str | None:
    """The birth date as far as known: year, year and month, or the whole date."""
    year, month, day = (values.get(f"birth_{part}") for part in ("year", "month", "day"))
    if not year:
        return None
    if not month:
        return f"{year:04d}"
    return f"{year:04d}-{month:02d}-{day:02d}" if day else f"{year:04d}-{month:02d}"


def is_child(values: Mapping[str, Any], reference: date) -> bool:
    """Whether this member may be 5–17 on the reference date. An unknown birth counts only for a child's section."""
    birth = birth_of(values)
    if birth is None:
        return values.get("works") is not None or values.get("in_school") is not None
    year = int(birth[:4])
    oldest = reference.year - year - (0 if birth <= f"{year:04d}-{reference:%m-%d}"[: len(birth)] else 1)
    latest = birth if len(birth) == 10 else f"{birth[:7]}-31" if len(birth) == 7 else f"{birth}-12-31"
    youngest = reference.year - year - (0 if latest[5:] <= f"{reference:%m-%d}" else 1)
    return oldest >= 5 and youngest <= 17


def is_of_age(values: Mapping[str, Any], reference: date) -> bool:
    """Whether this member is surely 18 or older on the reference date."""
    birth = birth_of(values)
    return birth is not None and not is_child(values, reference) and reference.year - int(birth[:4]) >= 18


def with_sibling_risk(case: dict[str, Any]) -> dict[str, Any]:
    """The same case, knowing that a sibling was found in unlawful work (D28)."""
    factors = sorted({*(case.get("risk_factors") or ()), "sibling_child_labour"})
    return {**case, "risk_factors": factors}


def household_reference(facts: HouseholdFacts, fallback: date) -> date:
    """The last day of the reference week, as fixed on the phone."""
    return as_date(facts.values.get("reference_to")) or fallback


def as_date(value: object) -> date | None:
    if isinstance(value, date):
        return value
    return date.fromisoformat(value[:10]) if isinstance(value, str) and value else None


def _jobs(child: ChildFacts) -> list[dict[str, Any]] | None:
    """The jobs of the reference week; none when the family said so, None when it is not known."""
    works = child.values.get("works")
    if works is False:
        return []
    if not child.jobs:
        return None
    return [_job(job) for job in child.jobs]


def _job(job: JobFacts) -> dict[str, Any]:
    case: dict[str, Any] = {name: _plain(job.values.get(name)) for name in JOB_FACTS}
    for name in LISTED:
        if case[name] == "-":
            case[name] = "none"
    hours = [job.values.get(f"hours_{day}") for day in DAYS]
    case["hours"] = hours if any(hour is not None for hour in hours) else None
    return case


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
