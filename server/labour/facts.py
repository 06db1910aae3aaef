"""Reading the facts of a case from JSON data: every field checked, every refusal names the case and the field.

The values themselves are never repeated in a refusal: they may be personal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from forms.problems import Problem
from server.labour.ages import age_interval, possible_births
from server.labour.case import DAYS, RELATIONS, Case, Job
from server.labour.profiles import known_codes, known_risk_factors

__all__ = ["Case", "Job", "read_case"]

HOURS_A_DAY = 24
HOURS_A_WEEK = 168
HEAVIEST = 1000
GRADES = range(13)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONE = re.compile(r"[\ud800-\udfff]")  # half a character: JSON can spell it, no text can carry it

Reader = Callable[[Any, str], Any]


def read_case(data: object, where: str = "") -> Case:
    """A case from its JSON object; ``where`` names it as long as it has no readable id."""
    if not isinstance(data, Mapping):
        raise Problem("law_case_not_object", where=where)
    name = data.get("id")
    if isinstance(name, str) and name:
        where = f"{where} ({name})" if where else name
    _known_fields(data, _case_readers(), where)
    for needed in ("id", "reference_date"):
        if data.get(needed) is None:
            raise Problem("law_field_missing", where=where, field=needed)
    values = _read_all(_case_readers(), data, where)
    jobs = values.pop("jobs", None)
    return Case(
        **values,
        jobs=None if jobs is None else _jobs(jobs, where),
        months=_months(values.get("birth_date"), values["reference_date"], where),
    )


def _jobs(jobs: list[object], where: str) -> tuple[Job, ...]:
    return tuple(_job(job, number, where) for number, job in enumerate(jobs, start=1))


def _job(data: object, position: int, where: str) -> Job:
    place = f"jobs[{position - 1}]"
    if not isinstance(data, Mapping):
        raise Problem("law_value_bad", where=where, field=place, expected="{…}")
    _known_fields(data, _job_readers(), where, f"{place}.")
    return Job(position=position, **_read_all(_job_readers(), data, where, f"{place}."))


def _known_fields(data: Mapping[str, Any], known: Mapping[str, Reader], where: str, prefix: str = "") -> None:
    for field in data:
        if field not in known:
            raise Problem("law_field_unknown", where=where, field=f"{prefix}{field}"[:80])


def _read_all(
    readers: Mapping[str, Reader], data: Mapping[str, Any], where: str, prefix: str = ""
) -> dict[str, Any]:
    """The values read, None for each that is not known."""
    try:
        return {
            field: None if value is None else readers[field](value, field) for field, value in data.items()
        }
    except _Refused as refused:
        field = f"{prefix}{refused.field}"
        raise Problem("law_value_bad", where=where, field=field, expected=refused.expected) from None


def _months(birth: str | None, on: date, where: str) -> tuple[int, int]:
    born = None if birth is None else possible_births(birth)
    if born is not None and born[0] > on:
        raise Problem("law_born_later", where=where, field="birth_date")
    return age_interval(born, on)


class _Refused(Exception):
    def __init__(self, field: str, expected: str) -> None:
        self.field = field
        self.expected = expected
        super().__init__(field)


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or not value or _LONE.search(value):
        raise _Refused(field, '"…"')
    return value


def _yesno(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise _Refused(field, "true | false | null")
    return value


def _number(most: int) -> Reader:
    expected = f"0 ≤ n ≤ {most}"

    def read(value: Any, field: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise _Refused(field, expected)
        return float(value)

    return read


def _grade(value: Any, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in GRADES:
        raise _Refused(field, "0…12")
    return value


def _code(codes: frozenset[str]) -> Reader:
    expected = " | ".join(sorted(codes)) if len(codes) < DAYS else f"{min(codes)} … {max(codes)}"

    def read(value: Any, field: str) -> str:
        if not isinstance(value, str) or value not in codes:
            raise _Refused(field, expected)
        return value

    return read


def _codes(codes: frozenset[str]) -> Reader:
    one = _code(codes)

    def read(value: Any, field: str) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise _Refused(field, "[…]")
        return tuple(sorted({one(code, f"{field}[{number}]") for number, code in enumerate(value)}))

    return read


def _hours(value: Any, field: str) -> tuple[float | None, ...]:
    if not isinstance(value, list | tuple) or len(value) != DAYS:
        raise _Refused(field, f"[{DAYS} × (0…24 | null)]")
    return tuple(None if hour is None else _hour(hour, field, day) for day, hour in enumerate(value))


def _hour(value: Any, field: str, day: int) -> float:
    try:
        hours: float = _a_day(value, field)
    except _Refused as refused:
        raise _Refused(f"{field}[{day}]", refused.expected) from None
    return hours


def _list(value: Any, field: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise _Refused(field, "[…]")
    return list(value)


def _day(value: Any, field: str) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _Refused(field, "YYYY-MM-DD")


def _birth(value: Any, field: str) -> str:
    try:
        if isinstance(value, str):
            possible_births(value)
            return value
    except ValueError:
        pass
    raise _Refused(field, "YYYY-MM-DD | YYYY-MM | YYYY")


_a_day = _number(HOURS_A_DAY)


@cache
def _case_readers() -> dict[str, Reader]:
    return {
        "id": _text,
        "reference_date": _day,
        "birth_date": _birth,
        "sex": _code(frozenset(("male", "female"))),
        "jobs": _list,
        "chores_hours": _number(HOURS_A_WEEK),
        "in_school": _yesno,
        "highest_grade": _grade,
        "forced": _yesno,
        "exploited": _yesno,
        "risk_factors": _codes(known_risk_factors()),
        "worked_12_months": _yesno,
    }


@cache
def _job_readers() -> dict[str, Reader]:
    return {
        "relation": _code(frozenset(RELATIONS)),
        "arts_or_sport": _yesno,
        "light_job": _code(known_codes("light_jobs") | {"none"}),
        "overtime_job": _code(known_codes("overtime_jobs") | {"none"}),
        "night_job": _code(known_codes("night_jobs") | {"none"}),
        "banned_jobs": _codes(known_codes("banned_jobs")),
        "places": _codes(known_codes("banned_places")),
        "hours": _hours,
        "night": _yesno,
        "overtime": _yesno,
        "load_kg": _number(HEAVIEST),
        "load_regular": _yesno,
        "parental_consent": _yesno,
        "written_contract": _yesno,
        "representative_signed": _yesno,
        "health_checked": _yesno,
        "provincial_approval": _yesno,
        "harms_study": _yesno,
        "unsafe": _yesno,
    }
