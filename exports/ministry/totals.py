"""Sheets 07 and 08: counts by ward and village, and by groups, as records; every rate beside its denominator.

A count of 0 is a known 0. What the de-identified variant hides shows the mark ``HIDDEN`` instead of its
number, and so does every rate that would give it away.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date

from exports.ministry.cells import HIDDEN, Record
from exports.ministry.counts import ALL, DIMENSIONS, NOT_KNOWN, NOT_WORKING, SEXES, Counts, RowKey
from exports.ministry.records import Dated, registered_households, share
from exports.ministry.round import Round
from exports.ministry.snapshot import Unit
from exports.ministry.template import Codes
from exports.privacy import Key

UNIT_MEASURES = (
    "visited",
    "surveyed",
    "refused",
    "not_met",
    "children",
    "works",
    "unlawful",
    "at_risk",
    "confirmed",
    "male",
    "female",
    "sex_unknown",
    "dropped_out",
    "supported",
)
_DENOMINATOR = "Trẻ 5–17 tuổi của nhóm, trên số hộ đã khảo sát"
GROUP_MEASURES = ("works", "unlawful", "at_risk", "review")
_ORDER = {"thon": 0, "phuong": 1, "tong": 2}


def unit_totals(
    rounded: Round, counts: Counts, hidden: Container[Key], classes: tuple[str, ...]
) -> list[Dated]:
    """Sheet 07: villages, then their ward, in the end the total."""
    rows = sorted(counts.rows, key=lambda row: (row[0] == "tong", row[1:3], _ORDER[row[0]], row[3:]))
    names: dict[RowKey, Unit] = {
        (unit.code, str(unit.valid_from or "")): unit for unit in rounded.snapshot.units
    }
    measures = (*UNIT_MEASURES, *(f"class.{name}" for name in classes))
    return [(_unit_total(row, rounded, counts, hidden, measures, names), None) for row in rows]


def _unit_total(
    row: RowKey,
    rounded: Round,
    counts: Counts,
    hidden: Container[Key],
    measures: tuple[str, ...],
    names: Mapping[RowKey, Unit],
) -> Record:
    ward, village = names.get(row[1:3]), names.get(row[3:5])
    registered = _registered(row, rounded, counts, names)
    record: dict[str, object] = {
        "row.level": row[0],
        "row.ward": ward.code if ward else None,
        "row.ward_name": _unit_name(row, ward, "Tổng số"),
        "row.village": village.code if village else None,
        "row.village_name": _unit_name(row[2:], village, "Cộng") if row[0] != "tong" else None,
        "row.registered": registered,
    }
    for measure in measures:
        record[f"count.{measure}"] = _shown(counts, hidden, ("07", row, measure))
    surveyed = ("07", row, "surveyed")
    record["row.coverage"] = HIDDEN if surveyed in hidden else share(counts.values[surveyed], registered)
    return record


def _unit_name(row: tuple[str, ...], unit: Unit | None, none: str) -> str:
    if unit:
        return unit.name
    return "Chưa rõ" if len(row) > 1 else none


def _registered(row: RowKey, rounded: Round, counts: Counts, names: Mapping[RowKey, Unit]) -> int | None:
    if row[0] == "tong":
        wards = [_registered(other, rounded, counts, names) for other in counts.rows if other[0] == "phuong"]
        known = [count for count in wards if count is not None]
        return sum(known) if wards and len(known) == len(wards) else None
    unit = names.get(row[1:3] if row[0] == "phuong" else row[3:5])
    return registered_households(unit, rounded.snapshot.units) if unit else None


def _shown(counts: Counts, hidden: Container[Key], key: Key) -> int | str:
    return HIDDEN if key in hidden else counts.values[key]


def group_totals(
    rounded: Round, counts: Counts, hidden: Container[Key], codes: Codes, coverage: str | None
) -> list[Dated]:
    """Sheet 08: every group of every dimension, for all children and by sex; no line without a denominator."""
    day = rounded.reference_day
    denominator = f"{_DENOMINATOR} (độ bao phủ: {coverage or 'chưa biết'})"
    return [
        (
            _group_total(dimension, group, sex, counts, hidden, codes) | {"row.denominator": denominator},
            day,
        )
        for dimension in DIMENSIONS
        for group in sorted(counts.groups.get(dimension, ()), key=_group_order)
        if ("08", dimension, group, ALL, "children") not in hidden
        for sex in (ALL, *SEXES)
        if counts.values[whole := ("08", dimension, group, sex, "children")] and whole not in hidden
    ]


def _group_order(group: str) -> tuple[bool, bool, str]:
    return (group == NOT_WORKING, group == NOT_KNOWN, "" if group.startswith(("duoi", "5_")) else group)


def _group_total(
    dimension: str, group: str, sex: str, counts: Counts, hidden: Container[Key], codes: Codes
) -> dict[str, object]:
    whole = ("08", dimension, group, sex, "children")
    record: dict[str, object] = {
        "row.dimension": dimension,
        "row.group": group,
        "row.group_name": group_name(dimension, group, codes, None),
        "row.sex": sex,
        "count.children": counts.values[whole],
    }
    for measure in GROUP_MEASURES:
        key = ("08", dimension, group, sex, measure)
        record[f"count.{measure}"] = _shown(counts, hidden, key)
        rate = share(counts.values[key], counts.values[whole])
        record[f"rate.{measure}"] = HIDDEN if key in hidden else rate
    return record


def group_name(dimension: str, group: str, codes: Codes, day: date | None) -> str:
    """The group in words; an industry with the version of its list."""
    fixed = {NOT_KNOWN: "Chưa rõ", NOT_WORKING: "Không làm việc", "tat_ca": "Tất cả trẻ"}
    if group in fixed:
        return fixed[group]
    if dimension == "di_hoc":
        return {"1": "Đang đi học", "2": "Không đi học"}[group]
    if dimension == "vsic":
        version, _, code = group.partition(":")
        found = codes.find(("vsic",), code, version=version or None, day=day)
        return f"{code} – {found.label if found else ''} (VSIC {version or 'chưa rõ phiên bản'})"
    found = codes.find((dimension,), group, version=None, day=day)
    return found.label if found else group
