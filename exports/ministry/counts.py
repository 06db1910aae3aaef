"""The counts behind sheets 07 and 08, made from what they ask of each child: its traits.

A count has a key: ("07", row, measure) or ("08", dimension, group, sex, measure). Counts that no sheet shows (who
does *not* work, who is 12 years old) have keys too: a reader of the de-identified variant can subtract.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from exports.ministry import round as derived
from exports.ministry.round import Round
from exports.ministry.snapshot import Child, Household, Unit
from exports.privacy import Key

UnitKey = tuple[str, str]  # (code, valid_from): codes are reused
RowKey = tuple[str, ...]  # ("tong",) | ("phuong", code, from) | ("thon", code, from, code, from)
ALL = "all"
SEXES = ("male", "female", "unknown")
TOTAL: RowKey = ("tong",)
EVERYONE = "tat_ca"
NOT_KNOWN, NOT_WORKING = "khong_ro", "khong_lam_viec"
CLASSES = (
    "URGENT",
    "HAZARDOUS",
    "UNLAWFUL",
    "REVIEW",
    "AT_RISK",
    "LAWFUL",
    "FAMILY_WORK_OK",
    "CHORES_ONLY",
    "NOT_WORKING",
)
DIMENSIONS = (EVERYONE, "nhom_tuoi_luat", "nhom_tuoi_sdg", "dan_toc", "khu_vuc", "vsic", "vi_the", "di_hoc")
_AGES = "tuoi"  # law band and SDG band together: what can be worked out from the two


class Place(NamedTuple):
    """The rows of sheet 07 that count the child, and urban or rural."""

    rows: tuple[RowKey, ...]
    area: str


class Judgement(NamedTuple):
    """The machine's class, the list the child stands in, and whether an official confirmed."""

    class_: str
    listed: str  # unlawful | at_risk | review | unlisted
    confirmed: bool


class Work(NamedTuple):
    works: bool
    industry: str  # of the main job, "version:code"
    status: str


class ChildTraits(NamedTuple):
    """Everything that sheets 07 and 08 ask of one child."""

    place: Place
    sex: str
    judgement: Judgement
    work: Work
    school: tuple[str, bool]  # in school, dropped out
    age: tuple[str, str]  # law band, SDG band
    ethnicity: str
    supported: bool


class Visit(NamedTuple):
    """Everything that sheet 07 asks of one household."""

    rows: tuple[RowKey, ...]
    result: str  # surveyed | refused | not_met


@dataclass
class Counts:
    """All counts by key, the rows of sheet 07 and the groups of sheet 08."""

    values: Counter[Key] = field(default_factory=Counter)
    rows: set[RowKey] = field(default_factory=set)
    groups: dict[str, set[str]] = field(default_factory=dict)


def count_round(rounded: Round, *, villages: bool) -> Counts:
    """Counts of the whole round; village rows only where the variant shows them."""
    counts = Counts()
    for household in rounded.snapshot.households:
        visit = visit_of(household, rounded, villages=villages)
        counts.rows.update(visit.rows)
        counts.values.update(visit_keys(visit))
    for child in rounded.children:
        traits = traits_of(child, rounded, villages=villages)
        counts.values.update(child_keys(traits))
        for dimension, group in _groups(traits):
            counts.groups.setdefault(dimension, set()).add(group)
    return counts


def visit_of(household: Household, rounded: Round, *, villages: bool) -> Visit:
    if derived.interviewed(household):
        return Visit(_rows(household, rounded, villages), "surveyed")
    return Visit(_rows(household, rounded, villages), "refused" if household.result == "4" else "not_met")


@cache
def visit_keys(visit: Visit) -> frozenset[Key]:
    """Every count that a household belongs to."""
    return frozenset(("07", row, measure) for row in visit.rows for measure in ("visited", visit.result))


def _rows(household: Household, rounded: Round, villages: bool) -> tuple[RowKey, ...]:
    ward = _unit_key(rounded.ward_of(household))
    rows: tuple[RowKey, ...] = (TOTAL, ("phuong", *ward))
    if villages:
        rows = (*rows, ("thon", *ward, *_unit_key(rounded.village_of(household))))
    return rows


def _unit_key(unit: Unit | None) -> UnitKey:
    return (unit.code, str(unit.valid_from or "")) if unit else ("", "")


def traits_of(child: Child, rounded: Round, *, villages: bool) -> ChildTraits:
    household = rounded.household_of(child)
    in_school = NOT_KNOWN if child.in_school is None else "1" if child.in_school else "2"
    return ChildTraits(
        place=Place(_rows(household, rounded, villages), _area(household, rounded)),
        sex=child.sex or "unknown",
        judgement=Judgement(child.class_, _listed(child), child.confirmed_class is not None),
        work=_work(child, rounded),
        school=(in_school, derived.dropped_out(child)),
        age=(derived.law_band(child) or NOT_KNOWN, derived.sdg_band(child) or NOT_KNOWN),
        ethnicity=child.ethnicity or NOT_KNOWN,
        supported=derived.supported(child),
    )


def _listed(child: Child) -> str:
    if derived.listed_unlawful(child):
        return "unlawful"
    if derived.listed_at_risk(child):
        return "at_risk"
    return "review" if derived.class_in_force(child) == "REVIEW" else "unlisted"


def _area(household: Household, rounded: Round) -> str:
    ward = rounded.ward_of(household)
    if ward is None or not ward.kind:
        return NOT_KNOWN
    return "nong_thon" if ward.kind == "xa" else "thanh_thi"


def _work(child: Child, rounded: Round) -> Work:
    if child.works is not True:
        return Work(False, NOT_WORKING, NOT_WORKING)
    jobs = rounded.jobs_of(child)
    if not jobs:
        return Work(True, NOT_KNOWN, NOT_KNOWN)
    main = jobs[0]
    industry = f"{main.industry_version or ''}:{main.industry}" if main.industry else NOT_KNOWN
    return Work(True, industry, main.status or NOT_KNOWN)


@cache
def child_keys(traits: ChildTraits) -> frozenset[Key]:
    """Every count that a child with these traits belongs to, shown or not."""
    return frozenset((*_unit_counts(traits), *_group_counts(traits)))


def _unit_counts(traits: ChildTraits) -> Iterator[Key]:
    class_, listed, confirmed = traits.judgement
    flags = {
        "works": traits.work.works,
        "confirmed": confirmed,
        "dropped_out": traits.school[1],
        "supported": traits.supported,
    }
    named = (name if true else f"not {name}" for name, true in flags.items())
    sex = "sex_unknown" if traits.sex == "unknown" else traits.sex
    measures = ("children", sex, f"class.{class_}", listed, f"{class_}+{listed}", *named)
    yield from (("07", row, measure) for row in traits.place.rows for measure in measures)


def _group_counts(traits: ChildTraits) -> Iterator[Key]:
    measures = ("children", "works" if traits.work.works else "not works", traits.judgement.listed)
    for dimension, group in _groups(traits):
        for measure in measures:
            yield "08", dimension, group, ALL, measure
            yield "08", dimension, group, traits.sex, measure


def _groups(traits: ChildTraits) -> Iterable[tuple[str, str]]:
    """The child's group in every dimension; each dimension parts all children."""
    return (
        (EVERYONE, EVERYONE),
        ("nhom_tuoi_luat", traits.age[0]),
        ("nhom_tuoi_sdg", traits.age[1]),
        (_AGES, "+".join(traits.age)),
        ("dan_toc", traits.ethnicity),
        ("khu_vuc", traits.place.area),
        ("vsic", traits.work.industry),
        ("vi_the", traits.work.status),
        ("di_hoc", traits.school[0]),
    )
