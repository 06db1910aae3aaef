"""The form of the page "Thử tình huống": what was typed, as one case of the law engine. Plain data in, plain data out.

What is left open stays unknown: an empty field is never "no" and never zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from forms.problems import Problem

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
JOBS = 3
RELATIONS = ("employer", "apprentice", "family", "own_account")
RISKS = (
    "poor_household",
    "dropped_out",
    "missed_school",
    "orphan",
    "no_carer",
    "migrant_family",
    "seeking_work",
    "sibling_child_labour",
    "worked_12_months",
)
CHILD_YESNO = ("in_school", "forced", "exploited", "worked_12_months")
JOB_YESNO = (
    "arts_or_sport",
    "night",
    "overtime",
    "load_regular",
    "parental_consent",
    "written_contract",
    "representative_signed",
    "health_checked",
    "provincial_approval",
    "harms_study",
    "unsafe",
)
JOB_LISTS = ("banned_jobs", "places")
JOB_CODES = ("light_job", "overtime_job", "night_job")

_BIRTH = re.compile(r"(?:(?:(\d{1,2})[/.-])?(\d{1,2})[/.-])?(\d{4})")


class Form(Protocol):
    """What a sent form must be able to do."""

    def get(self, key: str, default: str) -> str: ...

    def getlist(self, key: str, /) -> list[str]: ...


@dataclass(frozen=True)
class _Reader:
    """Reads one field after another; ``label`` names a field in words for the one who typed it."""

    form: Form
    label: Callable[[str], str]

    def text(self, name: str) -> str:
        return " ".join(self.form.get(name, "").split())[:100]

    def yesno(self, name: str) -> bool | None:
        return {"yes": True, "no": False}.get(self.text(name))

    def number(self, name: str, most: float) -> float | None:
        text = self.text(name).replace(",", ".")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            raise self.wrong(name) from None
        if not 0 <= value <= most:
            raise self.wrong(name)
        return value

    def day(self, name: str) -> str:
        try:
            return date.fromisoformat(self.text(name)).isoformat()
        except ValueError:
            raise self.wrong(name) from None

    def birth(self, name: str) -> str | None:
        text = self.text(name)
        if not text:
            return None
        found = _BIRTH.fullmatch(text)
        if found is None:
            raise self.wrong(name)
        day, month, year = (int(part) if part else None for part in found.groups())
        if day and month:
            try:
                return date(year or 0, month, day).isoformat()
            except ValueError:
                raise self.wrong(name) from None
        if month is not None and not 1 <= month <= 12:
            raise self.wrong(name)
        return f"{year:04d}-{month:02d}" if month else f"{year:04d}"

    def wrong(self, name: str) -> Problem:
        field = name.partition("_")[2] if name.startswith("job") else name
        return Problem("case_wrong", field=self.label(field))


def read_case(form: Form, label: Callable[[str], str]) -> dict[str, Any]:
    """The case as the engine takes it. Raises ``case_wrong`` naming the field."""
    read = _Reader(form, label)
    grade = read.number("highest_grade", 12)
    case: dict[str, Any] = {
        "id": "trial",
        "reference_date": read.day("reference_date"),
        "birth_date": read.birth("birth_date"),
        "sex": read.text("sex") or None,
        "chores_hours": read.number("chores_hours", 168),
        "highest_grade": None if grade is None else int(grade),
        "jobs": _jobs(read),
    }
    for name in CHILD_YESNO:
        case[name] = read.yesno(name)
    risks = [risk for risk in form.getlist("risk_factors") if risk in RISKS]
    case["risk_factors"] = risks or ([] if read.yesno("no_risks") else None)
    return case


def _jobs(read: _Reader) -> list[dict[str, Any]] | None:
    """No jobs when the child does not work; not known when that was left open. At work means one job at least."""
    works = read.yesno("works")
    if works is False:
        return []
    jobs = [job for job in (_job(read, number) for number in range(1, JOBS + 1)) if _told(job)]
    return jobs or ([{}] if works else None)


def _told(job: dict[str, Any]) -> bool:
    """Whether anything of this job was filled in."""
    return any(value is not None for value in job.values())


def _job(read: _Reader, number: int) -> dict[str, Any]:
    own = f"job{number}_"
    hours = [read.number(f"{own}hours_{day}", 24) for day in DAYS]
    job: dict[str, Any] = {
        "relation": read.text(own + "relation") or None,
        "hours": hours if any(hour is not None for hour in hours) else None,
        "load_kg": read.number(own + "load_kg", 500),
    }
    for name in JOB_YESNO:
        job[name] = read.yesno(own + name)
    for name in JOB_CODES:
        job[name] = read.text(own + name) or None
    for name in JOB_LISTS:
        codes = [code for code in read.form.getlist(own + name) if code]
        job[name] = [] if codes == ["none"] else [code for code in codes if code != "none"] or None
    return job
