"""What must hold before a workbook is given out; each function raises a Problem at the first breach.

The checks read the finished sheets, not the way they were made, so that a mistake in the making is found too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from exports.ministry.cells import Cell, Row, Sheet, named
from exports.ministry.round import UNLAWFUL_CLASSES
from exports.ministry.template import Codes, Column
from forms.problems import Problem

Sheets = Mapping[str, Sheet]
_ROUNDING = 0.005  # hours: quarter hours add up exactly, decimals of other forms nearly


def check_required(sheets: Sheets) -> None:
    """No required cell is empty."""
    for sheet in sheets.values():
        for place, column in enumerate(sheet.columns):
            if column.required and any(row.cells[place] is None for row in sheet.rows):
                raise Problem("export_required_missing", where=sheet.plan.name, column=column.id)


def check_codes(sheets: Sheets, codes: Codes, units: frozenset[str]) -> None:
    """Every code stands in its list (sheet 90), in its version, in force on the row's reference date.

    A code that a later version parted may keep its own version: no single code of the day answers to it.
    """
    for sheet in sheets.values():
        for place, column in enumerate(sheet.columns):
            if column.type in ("code", "codes", "findings", "yesno", "unit"):
                _check_column(sheet, place, column, codes, units)


def _check_column(sheet: Sheet, place: int, column: Column, codes: Codes, units: frozenset[str]) -> None:
    passed: set[tuple[Cell, str | None, date | None]] = set()
    for row in sheet.rows:
        case = (row.cells[place], row.versions[place] if row.versions else None, row.day)
        if case in passed or case[0] is None:
            continue
        for code, lists in _parts(column, str(case[0])):
            if not _stands(code, lists, row, case[1], codes, units):
                value, wanted = named(code), "|".join(lists)
                raise Problem(
                    "export_code_unknown", where=sheet.plan.name, column=column.id, value=value, list=wanted
                )
        passed.add(case)


def _parts(column: Column, text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if column.type == "unit":
        yield text, ("01_DonVi",)
    elif column.type == "findings":
        for finding in text.split(";"):
            name, _, detail = finding.removesuffix("/FAM").partition(":")
            yield name, column.lists
            if detail:
                yield detail, ("luat",)
    else:
        for code in text.split(";") if column.type == "codes" else [text]:
            yield code, column.lists


def _stands(
    code: str, lists: tuple[str, ...], row: Row, version: str | None, codes: Codes, units: frozenset[str]
) -> bool:
    if lists == ("01_DonVi",):
        return code in units
    return codes.find(lists, code, version=version, day=row.day) is not None or codes.parted(
        lists, code, version
    )


def check_partition(children: Sheet, unlawful: Sheet, at_risk: Sheet) -> None:
    """Sheets 05, 06 and the others part sheet 03 by the class in force (an official's, else the machine's).

    HAZARDOUS alone may stand in neither list: by analogy in family work of 16–17, it is statistical only.
    """
    machine, official = children.column("phan_loai"), children.column("ket_luan_xac_nhan")
    classes = {
        child: confirmed or found
        for child, found, confirmed in zip(children.column("ma_tre"), machine, official, strict=True)
    }
    in_05, in_06 = Counter(unlawful.column("ma_tre")), Counter(at_risk.column("ma_tre"))
    wrong = len(children.rows) - len(classes) + sum(1 for child in in_05 | in_06 if child not in classes)
    for child, name in classes.items():
        right_05 = (name in ("URGENT", "UNLAWFUL"), name in UNLAWFUL_CLASSES)
        wrong += in_05[child] not in right_05 or in_06[child] != (name == "AT_RISK")
    if wrong:
        raise Problem("export_partition_broken", where="05/06", count=wrong)


def check_classes(children: Sheet, totals: Sheet) -> None:
    """The classes, the sexes and the lists of sheet 07 add up to sheet 03; total lines equal their parts."""
    last = totals.rows[-1].cells if totals.rows else ()
    ids = [column.id for column in totals.columns]
    found = dict(zip(ids, last, strict=True)) if last else dict.fromkeys(ids, 0)
    _equal(found["tre_5_17"], len(children.rows), "tre_5_17")
    for parts in (
        [name for name in ids if name.startswith("pl_")],
        ["nam", "nu", "chua_ro_gioi_tinh"],
    ):
        _equal(sum(_number(found[name]) for name in parts), len(children.rows), parts[0])
    by_class = Counter(f"pl_{str(name).lower()}" for name in children.column("phan_loai"))
    for name, count in by_class.items():
        _equal(found.get(name, 0), count, name)


def check_total_rows(totals: Sheet) -> None:
    """In sheet 07 villages add up to their wards, and wards to the last line, in every counted column."""
    levels = totals.column("muc_dong")
    for place, column in enumerate(totals.columns):
        if column.source.startswith("count."):
            cells = [_number(row.cells[place]) for row in totals.rows]
            for level, parts in (("phuong", "thon"), ("tong", "phuong")):
                whole = sum(cell for cell, at in zip(cells, levels, strict=True) if at == level)
                added = sum(cell for cell, at in zip(cells, levels, strict=True) if at == parts)
                _equal(added, whole, column.id)


def _number(cell: Cell) -> float:
    return cell if isinstance(cell, int | float) else 0


def _equal(found: Cell, expected: float, column: str, sheet: str = "07") -> None:
    if found != expected:
        raise Problem("export_totals_broken", where=sheet, column=column, found=found, expected=expected)


def check_groups(children: Sheet, groups: Sheet) -> None:
    """In sheet 08 the groups of every dimension add up to all children, who are those of sheet 03."""
    places = {column.id: place for place, column in enumerate(groups.columns)}
    counted = [column.id for column in groups.columns if column.source.startswith("count.")]
    sums: Counter[tuple[Cell, Cell, str]] = Counter()
    for row in groups.rows:
        for name in counted:
            key = (row.cells[places["chieu"]], row.cells[places["gioi_tinh"]], name)
            sums[key] += int(_number(row.cells[places[name]]))
    for (_, sex, name), found in list(sums.items()):
        _equal(found, sums["tat_ca", sex, name], name, "08")
    everyone = groups.rows[0].cells[places["mau_so"]] if groups.rows else 0
    _equal(everyone, len(children.rows), "mau_so", "08")


def check_hours(children: Sheet, jobs: Sheet) -> None:
    """Hours of sheet 04 add up to gio_tuan of sheet 03, for every child whose week is known."""
    days = [place for place, column in enumerate(jobs.columns) if column.source.startswith("job.hours_")]
    added: dict[Cell, float] = {}
    for child, row in zip(jobs.column("ma_tre"), jobs.rows, strict=True):
        added[child] = added.get(child, 0) + sum(_number(row.cells[place]) for place in days)
    for child, week in zip(children.column("ma_tre"), children.column("gio_tuan"), strict=True):
        if week is not None and abs(added.get(child, 0) - _number(week)) > _ROUNDING:
            raise Problem("export_hours_broken", found=added.get(child, 0), expected=week, child=child)
