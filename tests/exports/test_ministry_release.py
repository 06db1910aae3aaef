"""The de-identified workbook: nobody in it can be found, and no small count can be worked out."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from html import unescape

import openpyxl

from exports.ministry import Snapshot, Workbook, build, load_template, write
from exports.ministry.cells import HIDDEN, Cell, Sheet
from exports.ministry.round import law_band
from exports.ministry.twin import csv_twins

COUNTED = 5


def identifying(snapshot: Snapshot) -> set[str]:
    """Every text of the round that could lead to a person or a home."""
    homes = [
        text
        for home in snapshot.households
        for text in (home.id, home.village, home.head_name, home.phone, home.collaborator)
    ]
    units = [unit.name for unit in snapshot.units if unit.level == "village"]
    children = [
        text
        for child in snapshot.children
        for text in (child.id, child.name, child.birth, child.personal_number, child.note, child.confirmed_by)
    ]
    jobs = [text for job in snapshot.jobs for text in (job.description, job.employer_name)]
    positions = [str(home.latitude) for home in snapshot.households] + ["21.854", "106.761", "21.853"]
    found = {text for text in (*homes, *units, *children, *jobs, *positions) if text and text != "None"}
    return found | {snapshot.meta.created_by}


def unpacked(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return "\n".join(unescape(packed.read(name).decode()) for name in packed.namelist())


def leaks(snapshot: Snapshot, data: bytes) -> set[str]:
    everything = unpacked(data)
    words = {f">{text}<" if len(text) < 5 else text for text in identifying(snapshot)}
    return {word for word in words if word in everything}


def test_the_scan_finds_what_the_identifiable_variant_holds(made: Snapshot) -> None:
    """Else a scan that finds nothing proves nothing."""
    assert {"Trẻ Thử 01", "0900000001", "020312000009", ">C01<"} <= leaks(made, write(build(made)))


def test_no_identifying_value_anywhere_in_the_file(made: Snapshot) -> None:
    book = build(made, variant="deidentified")
    assert leaks(made, write(book)) == set()
    twins = b"\n".join(csv_twins(book.sheets).values()).decode()
    assert {text for text in identifying(made) if len(text) > 4 and text in twins} == set()


def test_no_identifying_value_in_a_round_with_published_rows(round_of_300: Snapshot) -> None:
    book = build(round_of_300, variant="deidentified")
    assert book.sheet("03").rows
    assert leaks(round_of_300, write(book)) == set()


def test_no_birth_date_and_no_exact_age(made: Snapshot) -> None:
    pages = openpyxl.load_workbook(io.BytesIO(write(build(made, variant="deidentified"))))
    births = {child.birth for child in made.children}
    cells = [cell for page in pages for row in page.iter_rows(values_only=True) for cell in row]
    assert not {str(cell)[:10] for cell in cells if cell} & births


def test_identifying_columns_are_gone_and_age_is_a_band() -> None:
    for sheet in load_template().sheets:
        coarse = sheet.for_variant("deidentified")
        assert not [column.id for column in coarse.columns if column.identifying]
        ids = {column.id for column in coarse.columns}
        assert not ids & {"ma_tre", "ma_ho", "ho_ten", "ngay_sinh", "tuoi", "tuoi_thang", "khoi_thon", "lat"}
    plans = {sheet.name[:2]: sheet.for_variant("deidentified") for sheet in load_template().sheets}
    assert "nhom_tuoi_luat" in {column.id for column in plans["03"].columns}
    assert "ma_phuong" in {column.id for column in plans["03"].columns}


def test_published_rows_stand_at_least_five_times(round_of_300: Snapshot) -> None:
    book = build(round_of_300, variant="deidentified")
    for number in ("02", "03", "04", "05", "06"):
        sheet = book.sheet(number)
        words = Counter(row.cells[1:] if sheet.columns[0].id == "stt" else row.cells for row in sheet.rows)
        assert all(times >= COUNTED for times in words.values())


def test_no_count_under_five_is_shown(round_of_300: Snapshot) -> None:
    book = build(round_of_300, variant="deidentified")
    for number in ("07", "08"):
        sheet = book.sheet(number)
        for place, column in enumerate(sheet.columns):
            if column.source.startswith("count."):
                cells = [row.cells[place] for row in sheet.rows]
                assert all(cell == HIDDEN or (isinstance(cell, int) and cell >= COUNTED) for cell in cells)


def test_a_hidden_count_hides_its_rate(round_of_300: Snapshot) -> None:
    sheet = build(round_of_300, variant="deidentified").sheet("08")
    places = {column.id: place for place, column in enumerate(sheet.columns)}
    for name in ("co_lam_viec", "trai_quy_dinh", "nguy_co", "can_xem_xet"):
        for row in sheet.rows:
            rate, count = row.cells[places[f"tl_{name}"]], row.cells[places[name]]
            assert (rate == HIDDEN) == (count == HIDDEN)


Name = tuple[object, ...]


class Reader:
    """Knows the published sheets and how they add up; narrows every hidden count as far as sums allow."""

    def __init__(self, book: Workbook) -> None:
        self.low: dict[Name, int] = {}
        self.high: dict[Name, int] = {}
        self.sums: list[tuple[Name, list[Name]]] = []
        self._read_units(book.sheet("07"))
        self._read_groups(book.sheet("08"))

    def _note(self, key: Name, cell: Cell) -> None:
        known = isinstance(cell, int)
        self.low[key] = int(cell) if known else 0  # type: ignore[arg-type]
        self.high[key] = int(cell) if known else 10**6  # type: ignore[arg-type]

    def _read_units(self, sheet: Sheet) -> None:
        names = [column.id for column in sheet.columns if column.source.startswith("count.")]
        places = {column.id: place for place, column in enumerate(sheet.columns)}
        lines: list[object] = [row.cells[places["ma_phuong"]] or "tong" for row in sheet.rows]
        for line, row in zip(lines, sheet.rows, strict=True):
            for name in names:
                self._note((line, name), row.cells[places[name]])
            classes: list[Name] = [(line, name) for name in names if name.startswith("pl_")]
            sexes: list[Name] = [(line, name) for name in ("nam", "nu", "chua_ro_gioi_tinh")]
            visits: list[Name] = [
                (line, name) for name in ("so_ho_khao_sat", "so_ho_tu_choi", "so_ho_khong_gap")
            ]
            self.sums += [((line, "tre_5_17"), classes), ((line, "tre_5_17"), sexes)]
            self.sums += [((line, "so_ho_da_den"), visits)]
            listed: list[Name] = [(line, name) for name in ("pl_urgent", "pl_hazardous", "pl_unlawful")]
            self.sums += [((line, "trai_quy_dinh"), listed)]
        wards = [line for line in lines if line != "tong"]
        self.sums += [(("tong", name), [(ward, name) for ward in wards]) for name in names]

    def _read_groups(self, sheet: Sheet) -> None:
        places = {column.id: place for place, column in enumerate(sheet.columns)}
        names = ("mau_so", "co_lam_viec", "trai_quy_dinh", "nguy_co", "can_xem_xet")
        groups: dict[Name, set[object]] = {}
        for row in sheet.rows:
            group: Name = (row.cells[places["chieu"]], row.cells[places["ma_nhom"]])
            groups.setdefault(group, set()).add(row.cells[places["gioi_tinh"]])
            for name in names:
                self._note((*group, row.cells[places["gioi_tinh"]], name), row.cells[places[name]])
        for group in groups:
            for name in names:
                parts: list[Name] = [(*group, sex, name) for sex in ("Nam", "Nữ", "Chưa rõ")]
                for part in parts:
                    self.low.setdefault(part, 0)
                    self.high.setdefault(part, 10**6)
                self.sums.append(((*group, "Tất cả", name), parts))

    def narrow(self) -> None:
        """Bounds of a total from its parts, and of a part from its total and the others, until nothing moves."""
        moved = True
        while moved:
            moved = False
            for total, parts in self.sums:
                low = sum(self.low[part] for part in parts)
                high = sum(self.high[part] for part in parts)
                moved |= self._tighten(total, low, high)
                for part in parts:
                    rest_low, rest_high = low - self.low[part], high - self.high[part]
                    moved |= self._tighten(part, self.low[total] - rest_high, self.high[total] - rest_low)
                    low = sum(self.low[one] for one in parts)
                    high = sum(self.high[one] for one in parts)

    def _tighten(self, key: Name, low: int, high: int) -> bool:
        before = (self.low[key], self.high[key])
        self.low[key], self.high[key] = max(before[0], low), min(before[1], high)
        assert self.low[key] <= self.high[key], key
        return before != (self.low[key], self.high[key])


def test_no_small_count_follows_from_row_and_column_totals(round_of_300: Snapshot) -> None:
    reader = Reader(build(round_of_300, variant="deidentified"))
    reader.narrow()
    found = [key for key in reader.low if 0 < reader.low[key] == reader.high[key] < COUNTED]
    assert found == []


def test_rows_that_would_tell_give_way(round_of_1000: Snapshot) -> None:
    """With the published rows counted too, nothing small follows; for that, some common rows are held back."""
    book = build(round_of_1000, variant="deidentified")
    rows = book.sheet("03")
    homes = {home.id for home in round_of_1000.households if home.ward == "05977"}
    common = Counter(
        (
            child.household_id in homes,
            law_band(child),
            child.sex,
            child.in_school,
            child.works,
            child.class_,
        )
        for child in round_of_1000.children
    )
    assert 0 < len(rows.rows) < sum(times for times in common.values() if times >= COUNTED)
    reader = Reader(book)
    for (ward, name), count in Counter(
        zip(rows.column("ma_phuong"), rows.column("phan_loai"), strict=True)
    ).items():
        key = (ward, f"pl_{str(name).lower()}")
        reader.low[key] = max(reader.low[key], count)
    reader.narrow()
    assert not [key for key in reader.low if 0 < reader.low[key] == reader.high[key] < COUNTED]


def test_the_reader_does_work_out_what_is_not_protected(round_of_300: Snapshot) -> None:
    """With only the small counts hidden, and no others beside them, sums give some away."""
    book = build(round_of_300)
    reader = Reader(replace(book, sheets=tuple(_only_small_hidden(sheet) for sheet in book.sheets)))
    reader.narrow()
    assert [key for key in reader.low if 0 < reader.low[key] == reader.high[key] < COUNTED]


def _only_small_hidden(sheet: Sheet) -> Sheet:
    counted = [column.source.startswith("count.") for column in sheet.columns]
    rows = tuple(
        replace(
            row,
            cells=tuple(
                HIDDEN if count and isinstance(cell, int) and 0 < cell < COUNTED else cell
                for cell, count in zip(row.cells, counted, strict=True)
            ),
        )
        for row in sheet.rows
        if sheet.plan.name[:2] != "07" or row.cells[0] != "thon"
    )
    return Sheet(sheet.plan, rows)


def test_published_rows_do_not_count_small_cells(round_of_300: Snapshot) -> None:
    """Counting sheet 03 by ward and class never gives a count that sheet 07 hides as small."""
    book = build(round_of_300, variant="deidentified")
    full = build(round_of_300).sheet("07")
    rows = book.sheet("03")
    found = Counter(zip(rows.column("ma_phuong"), rows.column("phan_loai"), strict=True))
    wards = {row.cells[1]: row for row in full.rows if row.cells[0] == "phuong"}
    places = {column.id: place for place, column in enumerate(full.columns)}
    for (ward, name), count in found.items():
        true = wards[ward].cells[places[f"pl_{str(name).lower()}"]]
        assert isinstance(true, int)
        assert true >= count >= COUNTED


def test_small_households_counts_are_hidden_in_sheet_01_and_00(made: Snapshot) -> None:
    book = build(made, variant="deidentified")
    assert set(book.sheet("01").column("so_ho_khao_sat")) == {None, HIDDEN}
    assert "village" not in book.sheet("01").column("cap")
    told = dict(zip(book.sheet("00").column("muc"), book.sheet("00").column("gia_tri"), strict=True))
    assert (told["tong_surveyed"], told["do_bao_phu"]) == (HIDDEN, HIDDEN)
    assert told["tong_children"] == 9
    assert "ngoai_pham_vi" not in told


def test_order_and_numbers_of_rows_tell_nothing(round_of_300: Snapshot) -> None:
    mixed = replace(
        round_of_300, children=round_of_300.children[::-1], households=round_of_300.households[::-1]
    )
    data = write(build(round_of_300, variant="deidentified"))
    assert write(build(mixed, variant="deidentified")) == data


def test_dates_of_the_round_stay(made: Snapshot) -> None:
    told = build(made, variant="deidentified").sheet("00")
    values = dict(zip(told.column("muc"), told.column("gia_tri"), strict=True))
    assert values["tu_ngay"] == date(2026, 10, 1)
    assert values["bien_the"] == "Đã bỏ thông tin định danh"
