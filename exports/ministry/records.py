"""The records behind the data sheets and the lists: every value a column may ask for, by its source key.

Keys are "household.…", "child.…", "job.…" (sheet 04), "jobs.…" (all jobs of a child together) and "row.…".
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import fields
from datetime import date

from exports.ministry import round as derived
from exports.ministry.cells import HIDDEN, Record
from exports.ministry.round import Round
from exports.ministry.snapshot import Child, Household, Job, Unit
from exports.privacy import Key, round_position

Dated = tuple[Record, date | None]
_SEX = {"male": "1", "female": "2"}
_PRECISION = {4: "nam", 7: "thang", 10: "ngay"}
_IN_DANGER = "Khi phỏng vấn, trẻ đang bị đe dọa, nguy hiểm."
_REFERRAL_REFUSED = "Gia đình không đồng ý chuyển thông tin để hỗ trợ."


def unit_records(rounded: Round) -> list[Dated]:
    """Sheet 01, units before their parts."""
    surveyed = _surveyed(rounded)
    units = sorted(rounded.snapshot.units, key=_unit_order)
    return [(_unit(unit, surveyed, rounded.snapshot.units), None) for unit in units]


def ward_records(rounded: Round, hidden: Container[Key], least: int) -> list[Dated]:
    """Sheet 01 without villages, and without the counts that are hidden elsewhere or small."""
    return [
        (_coarse_unit(record, hidden, least), day)
        for record, day in unit_records(rounded)
        if record["unit.level"] != "village"
    ]


def _coarse_unit(record: Record, hidden: Container[Key], least: int) -> Record:
    row = ("phuong", record["unit.admin_code"], str(record["unit.valid_from"] or ""))
    count = record["unit.surveyed"]
    if not isinstance(count, int) or (count >= least and ("07", row, "surveyed") not in hidden):
        return record
    return {**record, "unit.surveyed": HIDDEN, "unit.coverage": HIDDEN}


def _surveyed(rounded: Round) -> dict[tuple[str, date | None], int]:
    counts: dict[tuple[str, date | None], int] = {}
    for household in filter(derived.interviewed, rounded.snapshot.households):
        for unit in (rounded.ward_of(household), rounded.village_of(household)):
            if unit:
                counts[unit.code, unit.valid_from] = counts.get((unit.code, unit.valid_from), 0) + 1
    return counts


def _unit_order(unit: Unit) -> tuple[str, ...]:
    level = ("province", "district", "ward", "village").index(unit.level)
    ward = unit.parent_code if unit.level == "village" else unit.code
    return (str(min(level, 2)), ward or "", str(level), unit.code, str(unit.valid_from or ""))


def _unit(unit: Unit, surveyed: dict[tuple[str, date | None], int], units: tuple[Unit, ...]) -> Record:
    village = unit.level == "village"
    counted = unit.level in ("ward", "village")
    count = surveyed.get((unit.code, unit.valid_from), 0) if counted else None
    registered = registered_households(unit, units) if counted else None
    return {
        "unit.admin_code": unit.parent_code if village else unit.code,
        "unit.name": unit.name,
        "unit.level": unit.level,
        "unit.parent_code": unit.parent_code,
        "unit.valid_from": unit.valid_from,
        "unit.valid_to": unit.valid_to,
        "unit.village_name": unit.name if village else None,
        "unit.village_code": unit.code if village else None,
        "unit.registered": registered,
        "unit.surveyed": count,
        "unit.coverage": share(count, registered),
    }


def registered_households(unit: Unit, units: Iterable[Unit]) -> int | None:
    """Registered households; a ward without a number has the sum of its villages, if all are known."""
    if unit.households is not None or unit.level == "village":
        return unit.households
    villages = (u for u in units if u.level == "village" and _stands_in(u, unit))
    parts = [village.households for village in villages]
    known = [count for count in parts if count is not None]
    return sum(known) if parts and len(known) == len(parts) else None


def _stands_in(village: Unit, ward: Unit) -> bool:
    """Its parent in the time when that code meant this ward, and still in force when the ward was last."""
    start, end = village.valid_from or date.min, village.valid_to or date.max
    last = ward.valid_to or date.max
    return village.parent_code == ward.code and start <= last <= end and end >= (ward.valid_from or date.min)


def share(part: int | None, whole: int | None) -> float | None:
    """A rate, or nothing when it cannot be known: 0 of 0 is no rate."""
    return part / whole if part is not None and whole else None


def household_records(rounded: Round) -> list[Dated]:
    """Sheet 02."""
    return [(_household(h, rounded), rounded.household_day(h)) for h in rounded.households.values()]


def _household(household: Household, rounded: Round) -> dict[str, object]:
    ward, village = rounded.ward_of(household), rounded.village_of(household)
    record = _all("household", household)
    shown = household.consent_position is True
    record["household.latitude"] = round_position(household.latitude) if shown else None
    record["household.longitude"] = round_position(household.longitude) if shown else None
    record["household.ward_name"] = ward.name if ward else None
    record["household.village_name"] = village.name if village else None
    return record


def child_records(rounded: Round) -> list[Dated]:
    """Sheet 03."""
    return [(_child_row(child, rounded), rounded.day_of(child)) for child in rounded.children]


def _child_row(child: Child, rounded: Round) -> dict[str, object]:
    return _household(rounded.household_of(child), rounded) | _child(child, rounded)


def _child(child: Child, rounded: Round) -> dict[str, object]:
    refused = rounded.household_of(child).consent_referral is False
    remarks = [
        _IN_DANGER if child.in_danger else None,
        child.confirmed_reason,
        _REFERRAL_REFUSED if refused else None,
        child.note,
    ]
    return _all("child", child) | {
        "child.class": child.class_,
        "child.class_in_force": derived.class_in_force(child),
        "child.precision": _PRECISION.get(len(child.birth)) if child.birth else None,
        "child.age_years": None if child.age_months is None else child.age_months // 12,
        "child.age_band_law": derived.law_band(child),
        "child.age_band_sdg": derived.sdg_band(child),
        "child.sex": _SEX.get(child.sex or ""),
        "child.highest_grade_code": derived.highest_grade_code(child),
        "child.circumstance_h": derived.circumstance_h(child),
        "child.circumstance_k": derived.circumstance_k(child),
        "child.schooling": schooling(child),
        "child.articles": "; ".join(dict.fromkeys(child.articles)) or None,
        "child.confirmation": "da_xac_nhan" if child.confirmed_class else "sang_loc",
        "child.remarks": "\n".join(part for part in remarks if part) or None,
    }


def schooling(child: Child) -> str | None:
    """ "Lớp n" or "Thôi học (Lớp n)", as Mẫu 06 of Circular 09/2020 words it."""
    if child.in_school is None:
        return None
    grade = _grade_name(child.grade if child.in_school else derived.highest_grade_code(child))
    if child.in_school:
        return grade or "Đang đi học"
    return f"Thôi học ({grade})" if grade else "Không đi học"


def _grade_name(code: str | None) -> str | None:
    named = {"00": "Mầm non", "13": "Học nghề", "14": "GDTX", "98": None, None: None}
    return named[code] if code in named else f"Lớp {int(code)}" if code and code.isdigit() else code


def job_records(rounded: Round) -> list[Dated]:
    """Sheet 04."""
    return [
        (_job(job, child), rounded.day_of(child))
        for child in rounded.children
        for job in rounded.jobs_of(child)
    ]


def _job(job: Job, child: Child) -> dict[str, object]:
    given = {True: "Có", False: "Không", None: None}[job.provincial_approval]
    return _all("job", job) | {
        "job.hazards": _hazards(job),
        "job.injuries": child.injuries if job.position == 1 else (),
        "job.approval": job.approval_number or given,
    }


def _hazards(job: Job) -> tuple[str, ...]:
    told = (f"H5-{code}" if code.isdigit() else code for code in job.hazard_answers)
    return _codes((*job.banned_jobs, *job.places, *told))


def list_records(rounded: Round, children: Iterable[Child]) -> list[Dated]:
    """Sheets 05 and 06: one numbered row per child, with its jobs in one cell each."""
    return [
        (
            {"row.number": number} | _child_row(child, rounded) | _jobs(rounded.jobs_of(child)),
            rounded.day_of(child),
        )
        for number, child in enumerate(children, start=1)
    ]


def _jobs(jobs: tuple[Job, ...]) -> dict[str, object]:
    nights = [job.night for job in jobs]
    industries = [
        f"{job.industry_version}:{job.industry}" if job.industry_version else job.industry
        for job in jobs
        if job.industry
    ]
    return {
        "jobs.description": _joined(job.description for job in jobs),
        "jobs.industry": _joined(industries),
        "jobs.place": _codes(job.place for job in jobs),
        "jobs.employer": _codes(job.employer for job in jobs),
        "jobs.employer_name": _joined(job.employer_name for job in jobs),
        "jobs.contract": _codes(job.contract for job in jobs),
        "jobs.night": True if True in nights else None if None in nights or not nights else False,
        "jobs.hazards": _codes(code for job in jobs for code in _hazards(job)),
    }


def _joined(texts: Iterable[str | None]) -> str | None:
    return "; ".join(dict.fromkeys(re.sub(r"\s+", " ", text).strip() for text in texts if text)) or None


def _codes(codes: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code))


def _all(kind: str, item: Household | Child | Job) -> dict[str, object]:
    return {f"{kind}.{field.name}": getattr(item, field.name) for field in fields(item)}
