"""One round with its parts joined: which household a child belongs to, which jobs, which unit on which day.

Also the few values that the format derives itself: age bands, the class in force, who stands in which list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from exports.ministry.snapshot import Child, Household, Job, Snapshot, Unit
from exports.privacy import age_band
from forms.problems import Problem

LAW_BANDS = ((0, 156, "duoi_13"), (156, 180, "13_14"), (180, 192, "15"), (192, 216, "16_17"))
SDG_BANDS = ((60, 144, "5_11"), (144, 180, "12_14"), (180, 216, "15_17"))
UNLAWFUL_CLASSES = frozenset({"URGENT", "HAZARDOUS", "UNLAWFUL"})
OUT_OF_SCOPE = "OUT_OF_SCOPE"
_FIVE = 60  # months
_SIXTEEN = 192  # months: Children Law Art. 1, a child is under 16
_INTERVIEWED = frozenset({None, "1", "2"})


class Round:
    """The snapshot, indexed. Those who are not 5–17 years old are counted, not listed.

    ``recorded`` are the jobs before their codes were brought to the version of their day.
    """

    def __init__(self, snapshot: Snapshot, *, recorded: Sequence[Job] | None = None) -> None:
        self.snapshot = snapshot
        self._recorded = snapshot.jobs if recorded is None else recorded
        self.meta = snapshot.meta
        self.households = {h.id: h for h in sorted(snapshot.households, key=_address)}
        self._check_links()
        listed = [child for child in snapshot.children if _in_scope(child)]
        self.children = sorted(listed, key=lambda child: (_address(self.household_of(child)), child.id))
        self.out_of_scope = len(snapshot.children) - len(listed)

    def _check_links(self) -> None:
        """Every id stands once and every link has its other end."""
        snapshot = self.snapshot
        _once("household", (h.id for h in snapshot.households))
        _once("child", (c.id for c in snapshot.children))
        _once("job", (f"{j.child_id}/{j.position}" for j in snapshot.jobs))
        _once("unit", (f"{u.code}/{u.valid_from}" for u in snapshot.units))
        known = {child.id for child in snapshot.children}
        for child in snapshot.children:
            if child.household_id not in self.households:
                raise Problem("export_link_broken", kind="child", id=child.id)
        for job in snapshot.jobs:
            if job.child_id not in known:
                raise Problem("export_link_broken", kind="job", id=f"{job.child_id}/{job.position}")

    @cached_property
    def reference_day(self) -> date:
        """The day codes must be valid on when a row has no day of its own."""
        return self.meta.period_to or self.meta.created_at.date()

    @cached_property
    def _jobs(self) -> dict[str, tuple[Job, ...]]:
        jobs: dict[str, list[Job]] = {}
        for job in sorted(self.snapshot.jobs, key=lambda job: (job.child_id, job.position)):
            jobs.setdefault(job.child_id, []).append(job)
        return {child: tuple(found) for child, found in jobs.items()}

    def jobs_of(self, child: Child) -> tuple[Job, ...]:
        return self._jobs.get(child.id, ())

    def translated_industries(self) -> Counter[tuple[str, str]]:
        """Jobs of listed children by the VSIC version they were recorded in and the other one they stand in."""
        listed = {child.id for child in self.children}
        pairs = zip(self._recorded, self.snapshot.jobs, strict=True)
        return Counter(
            (before.industry_version or "", job.industry_version or "")
            for before, job in pairs
            if job.child_id in listed and before.industry_version != job.industry_version
        )

    def household_of(self, child: Child) -> Household:
        return self.households[child.household_id]

    def day_of(self, child: Child) -> date:
        return child.reference_date or self.household_day(self.household_of(child))

    def household_day(self, household: Household) -> date:
        return household.interview_date or self.reference_day

    def ward_of(self, household: Household) -> Unit | None:
        """The ward in which the household stands."""
        return self.unit(household.ward, self._unit_day(household))

    def village_of(self, household: Household) -> Unit | None:
        """The village or block in which the household stands."""
        return self.unit(household.village, self._unit_day(household))

    def _unit_day(self, household: Household) -> date:
        return self.snapshot.units_on or self.household_day(household)

    @cached_property
    def _units(self) -> dict[str, list[Unit]]:
        units: dict[str, list[Unit]] = {}
        for unit in self.snapshot.units:
            units.setdefault(unit.code, []).append(unit)
        return units

    def unit(self, code: str | None, day: date) -> Unit | None:
        """The unit that had this code on that day: codes were given to other units in 2025."""
        for unit in self._units.get(code or "", ()):
            if (unit.valid_from or day) <= day <= (unit.valid_to or day):
                return unit
        return None


def _address(household: Household) -> tuple[str, str, int, str]:
    return (household.ward or "", household.village or "", household.number or 0, household.id)


def _in_scope(child: Child) -> bool:
    oldest = _ages(child)[1]
    return child.class_ != OUT_OF_SCOPE and not (oldest is not None and oldest < _FIVE)


def _once(kind: str, ids: Iterable[str]) -> None:
    for found, times in Counter(ids).items():
        if times > 1:
            raise Problem("export_link_broken", kind=kind, id=found)


def interviewed(household: Household) -> bool:
    """An interview took place, whole or in part."""
    return household.result in _INTERVIEWED


def law_band(child: Child) -> str | None:
    """Age band of the Labour Code; also known when both ends of a partial birth date give the same one."""
    return age_band(*_ages(child), LAW_BANDS)


def sdg_band(child: Child) -> str | None:
    """Age band of SDG 8.7.1."""
    return age_band(*_ages(child), SDG_BANDS)


def _ages(child: Child) -> tuple[int | None, int | None]:
    if child.age_months is not None:
        return child.age_months, child.age_months
    return child.age_months_min, child.age_months_max


def class_in_force(child: Child) -> str:
    """What an official confirmed, else the machine's screening."""
    return child.confirmed_class or child.class_


def listed_unlawful(child: Child) -> bool:
    """Stands in sheet 05. A confirmation that changes the class decides; else the machine's trai_quy_dinh."""
    if child.confirmed_class and child.confirmed_class != child.class_:
        return child.confirmed_class in UNLAWFUL_CLASSES
    return child.unlawful is True


def listed_at_risk(child: Child) -> bool:
    """Stands in sheet 06."""
    return class_in_force(child) == "AT_RISK" and not listed_unlawful(child)


def circumstance_h(child: Child) -> bool | None:
    """Children Law Art. 10(1)(h): dropped out to earn a living before completing lower-secondary school."""
    return _circumstance(child, ("DROPOUT_EARNING",))


def circumstance_k(child: Child) -> bool | None:
    """Children Law Art. 10(1)(k), Decree 56/2017 Art. 12: exploited; never just "works unlawfully"."""
    return _circumstance(child, ("FORCED", "EXPLOIT"))


def _circumstance(child: Child, findings: tuple[str, ...]) -> bool | None:
    if any(finding_name(finding) in findings for finding in child.findings):
        oldest = _ages(child)[1]
        return None if oldest is None else oldest < _SIXTEEN
    return None if child.class_ == "REVIEW" else False


def finding_name(finding: str) -> str:
    """ "BANNED_PLACE:P147d/FAM" -> "BANNED_PLACE" """
    return finding.removesuffix("/FAM").partition(":")[0]


def dropped_out(child: Child) -> bool:
    """Not in school, has been to school, and grade 12 or a vocational course is not completed."""
    grade = highest_grade_code(child)
    return child.in_school is False and grade is not None and grade not in ("12", "13", "98")


def highest_grade_code(child: Child) -> str | None:
    """The code as answered, else made from the number; 0 alone does not say whether there was any school."""
    if child.highest_grade_code is not None or not child.highest_grade:
        return child.highest_grade_code
    return f"{child.highest_grade:02d}"


def supported(child: Child) -> bool:
    return any(code != "0" for code in child.support_received or ())
