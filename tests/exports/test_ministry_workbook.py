"""The workbook as a reader of the file sees it: opened with another library, cell by cell."""

from __future__ import annotations

import io
import time
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from exports.ministry import Child, ExtraCode, Job, Snapshot, build, load_template, write
from exports.ministry.cells import CUT_MARK, LONGEST_TEXT, clean
from exports.ministry.round import circumstance_h, circumstance_k
from exports.ministry.twin import csv_bytes, csv_twins

NAMES = [
    "00_ThongTin",
    "01_DonVi",
    "02_Ho",
    "03_TreEm",
    "04_CongViec",
    "05_DS_TraiQuyDinh",
    "06_DS_NguyCo",
    "07_TongHop_DonVi",
    "08_TongHop_PhanTo",
    "90_DanhMuc",
    "91_TuDien",
]


def midnight(year: int, month: int, day: int) -> datetime:
    """How openpyxl gives a date back."""
    return datetime.combine(date(year, month, day), datetime.min.time())


def rows_of(page: Worksheet) -> list[dict[str, object]]:
    lines = list(page.iter_rows(min_row=2, values_only=True))
    return [dict(zip(map(str, lines[0]), line, strict=True)) for line in lines[1:]]


@pytest.fixture
def pages(made: Snapshot) -> Iterator[openpyxl.Workbook]:
    book = openpyxl.load_workbook(io.BytesIO(write(build(made))))
    yield book
    book.close()


def test_sheets_stand_in_the_order_of_the_format(pages: openpyxl.Workbook) -> None:
    assert pages.sheetnames == NAMES


def test_header_is_vietnamese_and_the_second_row_hides_the_column_ids(pages: openpyxl.Workbook) -> None:
    page = pages["03_TreEm"]
    assert page["A1"].value == "Mã trẻ"
    assert page["A2"].value == "ma_tre"
    assert page.row_dimensions[2].hidden
    assert not page.row_dimensions[1].hidden


def test_children_cells(pages: openpyxl.Workbook) -> None:
    rows = {row["ma_tre"]: row for row in rows_of(pages["03_TreEm"])}
    assert len(rows) == 9
    first = rows["C01"]
    assert first["ma_ho"] == "H1"
    assert first["ho_ten"] == "Trẻ Thử 01"
    assert first["ngay_sinh"] == midnight(2012, 5, 1)
    assert first["do_chinh_xac"] == "ngay"
    assert first["tuoi_thang"] == 173
    assert (first["nhom_tuoi_luat"], first["nhom_tuoi_sdg"]) == ("13_14", "12_14")
    assert (first["gioi_tinh"], first["dan_toc_ma"], first["dan_toc"]) == ("2", "07", "Nùng")
    assert first["so_dinh_danh"] == "020312000001"
    assert (first["di_hoc"], first["lop"], first["lop_cao_nhat"]) == ("1", "08", "07")
    assert first["ngay_nghi_30"] == 0
    assert (first["co_lam_viec_7_ngay"], first["gio_tuan"], first["gio_ngay_max"]) == ("1", 25.5, 5)
    assert first["phan_loai"] == "UNLAWFUL"
    assert first["findings"] == "U15_DAY;U15_WEEK;U15_CONTRACT"
    assert first["ket_luan_xac_nhan"] is None
    assert rows["C02"]["ket_luan_xac_nhan"] == "HAZARDOUS"
    assert (rows["C09"]["hoan_canh_h"], rows["C09"]["hoan_canh_k"]) == ("1", "1")


def test_partial_birth_dates_are_text_beside_their_precision(pages: openpyxl.Workbook) -> None:
    rows = {row["ma_tre"]: row for row in rows_of(pages["03_TreEm"])}
    assert (rows["C02"]["ngay_sinh"], rows["C02"]["do_chinh_xac"]) == ("12/2009", "thang")
    assert (rows["C06"]["ngay_sinh"], rows["C06"]["do_chinh_xac"]) == ("2013", "nam")
    # Both ends of C02's possible ages lie in one band; C06's lie in two of the law, in one of SDG 8.7.1.
    assert (rows["C02"]["tuoi_thang"], rows["C02"]["nhom_tuoi_luat"]) == (None, "16_17")
    assert (rows["C06"]["nhom_tuoi_luat"], rows["C06"]["nhom_tuoi_sdg"]) == (None, "12_14")


def test_unknown_is_empty_and_zero_is_zero(pages: openpyxl.Workbook) -> None:
    children = {row["ma_tre"]: row for row in rows_of(pages["03_TreEm"])}
    assert children["C09"]["gio_tuan"] is None
    assert children["C06"]["gioi_tinh"] is None
    main, second = (row for row in rows_of(pages["04_CongViec"]) if row["ma_tre"] == "C01")
    assert (main["gio_T6"], main["gio_CN"]) == (0, None)
    assert (second["gio_T2"], second["gio_T3"], second["gio_CN"]) == (0, None, 2)


def test_job_cells_are_codes_as_text(pages: openpyxl.Workbook) -> None:
    main, second = (row for row in rows_of(pages["04_CongViec"]) if row["ma_tre"] == "C01")
    assert (main["vsic_ma"], main["vsic_phien_ban"], main["noi_lam_viec"]) == ("I", "2025", "07")
    assert (main["lam_dem"], main["lam_them"], main["tien_cong"]) == ("2", None, 1500)
    assert (main["thuong_tich"], second["thuong_tich"]) == ("1;4", None)
    builder = next(row for row in rows_of(pages["04_CongViec"]) if row["ma_tre"] == "C02")
    assert builder["ma_nguy_hai"] == "III-67;P147b;H5-1"
    assert (builder["mang_vac_kg"], builder["thuong_xuyen"]) == (35.5, "1")


def test_nothing_is_a_formula(made: Snapshot) -> None:
    """Text that begins like a formula stays text, in the cell and in the CSV twin."""
    openings = ("=1+1", "+84900000001", "-1", "@SUM(A1)")
    jobs = tuple(replace(job, description=text) for job, text in zip(made.jobs[:4], openings, strict=True))
    book = build(replace(made, jobs=(*jobs, *made.jobs[4:])))
    page = openpyxl.load_workbook(io.BytesIO(write(book)))["04_CongViec"]
    cells = [page.cell(row, 3) for row in range(3, 7)]
    assert [cell.value for cell in cells] == list(openings)
    assert {cell.data_type for cell in cells} == {"s"}
    text = csv_bytes(book.sheet("04")).decode()
    assert all(f",'{opening}" in text for opening in openings)


def test_list_of_unlawful_work(pages: openpyxl.Workbook) -> None:
    rows = rows_of(pages["05_DS_TraiQuyDinh"])
    assert [(row["stt"], row["ma_tre"]) for row in rows] == [(1, "C01"), (2, "C02"), (3, "C09")]
    first, second, third = rows
    assert (first["ho_ten"], first["tuoi"], first["gioi_tinh"]) == ("Trẻ Thử 01", 14, "Nữ")
    assert (first["nguoi_cham_soc"], first["so_dien_thoai"]) == ("Nguyễn Thị Thử", "0900000001")
    assert (first["khoi_thon"], first["ma_phuong"]) == ("Khối Tập huấn 1", "05977")
    assert (
        first["phuong"] == "Phường Đông Kinh"
    )  # the ward of the interview's day, not the one before 07/2025
    assert (first["dien_ho"], first["di_hoc"]) == ("Nghèo", "Lớp 8")
    assert (second["di_hoc"], third["di_hoc"]) == ("Thôi học (Lớp 8)", "Thôi học (Lớp 5)")
    assert first["can_cu"] == "LC 146(1); LC 145(1)(a)"
    assert first["da_xac_nhan"] == "sàng lọc, chưa xác nhận"
    assert (second["da_xac_nhan"], second["ngay_xac_nhan"]) == ("Đã xác nhận", midnight(2026, 11, 2))
    assert second["nguoi_xac_nhan"] == "Cán bộ Thử"
    assert (first["chi_thu_tuc"], third["muc_do"]) == ("Không", "Khẩn cấp")
    assert first["nhu_cau"] == "Học phí, sách vở, đồ dùng; Học nghề"
    assert first["ghi_chu"] == "Gia đình không đồng ý chuyển thông tin để hỗ trợ.\nGhi chú thử về trẻ"


def test_list_of_children_at_risk(pages: openpyxl.Workbook) -> None:
    (row,) = rows_of(pages["06_DS_NguyCo"])
    assert (row["ma_tre"], row["yeu_to_nguy_co"]) == ("C05", "poor_household;dropped_out")
    assert not {"ten_nsdld", "nhom_nsdld", "gio_ngay", "gio_tuan"} & set(row)


def test_a_confirmed_class_decides_the_list(made: Snapshot) -> None:
    """The machine's class stays in 03; the official's decides where the child is listed."""
    told = {"C01": "LAWFUL", "C03": "AT_RISK", "C05": "UNLAWFUL"}
    children = tuple(replace(child, confirmed_class=told.get(child.id)) for child in made.children)
    book = build(replace(made, children=children))
    assert book.sheet("05").column("ma_tre") == ["C02", "C05", "C09"]
    assert book.sheet("06").column("ma_tre") == ["C03"]
    assert book.sheet("03").column("phan_loai")[0] == "UNLAWFUL"
    assert book.sheet("03").column("ket_luan_xac_nhan")[0] == "LAWFUL"


def test_hazard_by_analogy_in_family_work_is_in_neither_list(made: Snapshot) -> None:
    """16–17, own family, policy off: statistical only."""
    second = replace(made.children[1], unlawful=False, confirmed_class=None)
    book = build(replace(made, children=(made.children[0], second, *made.children[2:])))
    assert "C02" not in book.sheet("05").column("ma_tre") + book.sheet("06").column("ma_tre")


def test_totals_by_unit(pages: openpyxl.Workbook) -> None:
    rows = rows_of(pages["07_TongHop_DonVi"])
    assert [row["muc_dong"] for row in rows] == ["thon", "phuong", "thon", "phuong", "tong"]
    total = rows[-1]
    assert (total["so_ho_da_den"], total["so_ho_khao_sat"], total["so_ho_tu_choi"]) == (3, 2, 1)
    assert (total["so_ho_quan_ly"], total["ty_le_bao_phu"]) == (50, 0.04)
    assert (total["tre_5_17"], total["co_lam_viec"]) == (9, 5)
    assert [total[name] for name in total if str(name).startswith("pl_")] == [1] * 9
    assert (total["trai_quy_dinh"], total["nguy_co"], total["da_xac_nhan"]) == (3, 1, 1)
    assert (total["nam"], total["nu"], total["chua_ro_gioi_tinh"]) == (2, 6, 1)
    assert (total["bo_hoc"], total["duoc_ho_tro"]) == (3, 1)
    assert rows[0]["ma_khoi_thon"] == "05977.001"


def test_totals_by_group(pages: openpyxl.Workbook) -> None:
    rows = rows_of(pages["08_TongHop_PhanTo"])
    first = rows[0]
    assert (first["mau_so"], first["co_lam_viec"], first["trai_quy_dinh"]) == (9, 5, 3)
    assert first["tl_trai_quy_dinh"] == pytest.approx(1 / 3, abs=1e-5)
    assert first["mau_so_la"] == "Trẻ 5–17 tuổi của nhóm, trên số hộ đã khảo sát (độ bao phủ: 4,0%)"
    trade = next(row for row in rows if row["ma_nhom"] == "2025:I")
    assert trade["nhom"] == "I – Dịch vụ lưu trú và ăn uống (VSIC 2025)"
    bands = [row["nhom"] for row in rows if row["chieu"] == "nhom_tuoi_luat" and row["gioi_tinh"] == "Tất cả"]
    assert bands == ["Dưới 13 tuổi", "Từ đủ 13 đến dưới 15 tuổi", "Từ đủ 16 đến dưới 18 tuổi", "Chưa rõ"]


def test_units_with_a_reused_code_are_counted_apart(pages: openpyxl.Workbook) -> None:
    rows = [row for row in rows_of(pages["01_DonVi"]) if row["ma_dvhc"] == "05977"]
    assert [(row["ten"], row["so_ho_khao_sat"]) for row in rows] == [
        ("Phường Vĩnh Trại", 0),
        ("Phường Đông Kinh", 1),
        ("Khối Tập huấn 1", 1),
    ]
    old, new, village = rows
    assert (old["hieu_luc_den"], new["hieu_luc_tu"]) == (midnight(2025, 6, 30), midnight(2025, 7, 1))
    assert (old["so_ho_quan_ly"], old["ty_le_bao_phu"]) == (None, None)
    assert (new["ty_le_bao_phu"], village["ma_khoi_thon"]) == (0.025, "05977.001")
    other = next(row for row in rows_of(pages["01_DonVi"]) if row["ten"] == "Phường Tam Thanh")
    assert other["so_ho_quan_ly"] == 10  # the ward has no number of its own: the sum of its villages


def test_position_is_rounded_and_only_with_consent(pages: openpyxl.Workbook) -> None:
    first, second, _ = rows_of(pages["02_Ho"])
    assert (first["lat"], first["lon"]) == (21.854, 106.761)
    assert (second["lat"], second["lon"]) == (None, None)


def test_information_sheet(made: Snapshot, pages: openpyxl.Workbook) -> None:
    told = {row["muc"]: row["gia_tri"] for row in rows_of(pages["00_ThongTin"])}
    assert told["format_id"] == "LSCL-MOH/1.0"
    assert "định dạng đề xuất LSCL-MOH/1.0" in str(told["dinh_dang"])
    assert told["sha256"] == build(made).sha256
    assert len(str(told["sha256"])) == 64
    assert (told["do_bao_phu"], told["tong_children"], told["so_dong_03"]) == ("4,0%", 9, 9)
    assert told["bo_quy_tac"] == "VN-LC2019 1.0"
    assert told["ngoai_pham_vi"] == 1
    assert told["tu_ngay"] == midnight(2026, 10, 1)


def test_code_lists_and_dictionary(pages: openpyxl.Workbook) -> None:
    codes = {(row["he_ma"], row["phien_ban"], row["ma"]): row for row in rows_of(pages["90_DanhMuc"])}
    assert str(codes["vsic", "2018", "T"]["nhan"]).startswith("Làm thuê")
    assert str(codes["vsic", "2025", "U"]["nhan"]).startswith("Làm thuê")
    assert codes["vsic", "2025", "U"]["hieu_luc"] == "từ 15/11/2025"
    assert codes["vsic", "2018", "T"]["hieu_luc"] == "đến hết 14/11/2025"
    assert codes["dan_toc", "1979", "01"]["nhan"] == "Kinh"
    words = {(row["sheet"], row["cot"]): row for row in rows_of(pages["91_TuDien"])}
    assert len(words) == sum(
        len(sheet.for_variant("identifiable").columns) for sheet in load_template().sheets
    )
    assert words["03_TreEm", "ho_ten"]["dinh_danh"] == "có"
    assert words["04_CongViec", "gio_T2"]["can_cu"] == "LC 146"


def test_layout(pages: openpyxl.Workbook) -> None:
    page = pages["05_DS_TraiQuyDinh"]
    assert page.freeze_panes == "D3"
    assert page.auto_filter.ref == "A1:AM5"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.print_title_rows == "$1:$1"
    assert page["D3"].number_format == "dd/mm/yyyy"
    assert page["I3"].number_format == "@"
    assert pages["07_TongHop_DonVi"]["K3"].number_format == "0.0%"
    widths = [page.column_dimensions[letter].width for letter in "AC"]
    assert widths[0] < widths[1] >= 28


def test_text_is_nfc_without_control_characters_and_never_dropped(made: Snapshot) -> None:
    decomposed = unicodedata.normalize("NFD", "Trẻ Đặng Thử")
    first = replace(made.children[0], name=f"{decomposed}\x00\x1b", note="ơ" * 40_000)
    book = build(replace(made, children=(first, *made.children[1:])))
    page = openpyxl.load_workbook(io.BytesIO(write(book)))["05_DS_TraiQuyDinh"]
    row = rows_of(page)[0]
    assert row["ho_ten"] == "Trẻ Đặng Thử"
    note = str(row["ghi_chu"])
    assert len(note) == LONGEST_TEXT
    assert note.endswith(CUT_MARK)


@pytest.mark.parametrize("letter", ["a", "ế", "\U0001f600"])
def test_a_cut_text_fills_the_cell_and_no_more(letter: str) -> None:
    cut = clean(letter * 50_000)
    assert cut.endswith(CUT_MARK)
    units = len(cut.encode("utf-16-le")) // 2
    assert LONGEST_TEXT - 1 <= units <= LONGEST_TEXT


def test_line_ends_are_one_character() -> None:
    assert clean("a\r\nb\rc\nd") == "a\nb\nc\nd"


def test_same_snapshot_same_bytes(made: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write(build(made))
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    shuffled = replace(
        made, children=made.children[::-1], jobs=made.jobs[::-1], households=made.households[::-1]
    )
    assert write(build(made)) == first
    assert write(build(shuffled)) == first
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {entry.date_time[0] for entry in packed.infolist()} == {1980}


def test_checksum_is_of_the_data_only(made: Snapshot) -> None:
    later = replace(made, meta=replace(made.meta, created_by="can-bo-khac"))
    assert build(later).sha256 == build(made).sha256
    changed = replace(made, children=(replace(made.children[0], name="Trẻ Khác"), *made.children[1:]))
    assert build(changed).sha256 != build(made).sha256


@pytest.mark.parametrize("variant", ["identifiable", "deidentified"])
def test_empty_round_gives_an_empty_valid_workbook(empty: Snapshot, variant: str) -> None:
    book = build(empty, variant="deidentified" if variant == "deidentified" else "identifiable")
    pages = openpyxl.load_workbook(io.BytesIO(write(book)))
    assert pages.sheetnames == NAMES
    for name in ("02_Ho", "03_TreEm", "04_CongViec", "05_DS_TraiQuyDinh", "07_TongHop_DonVi"):
        assert pages[name].max_row == 2
    assert build(replace(empty, units=()), variant=book.variant).sheet("01").rows == ()


def test_csv_twins_have_ids_bom_and_stable_order(made: Snapshot) -> None:
    twins = csv_twins(build(made).sheets)
    assert list(twins) == [f"{name}.csv" for name in NAMES[1:9]]
    text = twins["03_TreEm.csv"].decode()
    assert text.startswith("\ufeffma_tre,ma_ho,ho_ten,")
    assert "C01,H1,Trẻ Thử 01,2012-05-01,ngay,173," in text
    lines = twins["04_CongViec.csv"].decode().splitlines()[1:]
    assert lines == sorted(lines)


def test_codes_of_a_new_questionnaire_join_the_lists(made: Snapshot) -> None:
    job = replace(made.jobs[0], place="18")
    new = ExtraCode(system="noi_lam_viec", version="2.0", code="18", label="Bến xe")
    book = build(replace(made, jobs=(job, *made.jobs[1:]), codes=(new,)))
    assert "Bến xe" in str(book.sheet("05").column("noi_lam_viec")[0])
    assert "Bến xe" in book.sheet("90").column("nhan")


def test_approval_by_the_province(made: Snapshot) -> None:
    def shown(**more: object) -> object:
        job: Job = replace(made.jobs[0], **more)  # type: ignore[arg-type]
        return build(replace(made, jobs=(job, *made.jobs[1:]))).sheet("04").column("phe_duyet_so")[0]

    assert shown(provincial_approval=None) is None
    assert shown(provincial_approval=True) == "Có"
    assert shown(provincial_approval=False) == "Không"
    assert shown(provincial_approval=True, approval_number="12/SNV") == "12/SNV"


def test_special_circumstances_need_a_child_under_16(made: Snapshot) -> None:
    """Children Law Art. 1: a 16-year-old is not a child of that law."""
    exploited = made.children[8]
    assert (circumstance_h(exploited), circumstance_k(exploited)) == (True, True)
    older: Child = replace(exploited, age_months=193)
    assert circumstance_k(older) is False
    assert circumstance_k(replace(exploited, age_months=None)) is None
    assert circumstance_k(replace(exploited, findings=(), class_="REVIEW")) is None


def test_a_child_in_danger_is_marked_in_the_list(made: Snapshot) -> None:
    child = replace(made.children[0], in_danger=True)
    book = build(replace(made, children=(child, *made.children[1:])))
    assert str(book.sheet("05").column("ghi_chu")[0]).startswith("Khi phỏng vấn, trẻ đang bị đe dọa")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"in_school": None}, None),
        ({"in_school": True, "grade": None}, "Đang đi học"),
        ({"in_school": True, "grade": "13"}, "Học nghề"),
        ({"in_school": False, "highest_grade": 0}, "Không đi học"),
        ({"in_school": False, "highest_grade": 0, "highest_grade_code": "00"}, "Thôi học (Mầm non)"),
    ],
)
def test_schooling_in_words(made: Snapshot, more: dict[str, object], told: str | None) -> None:
    child: Child = replace(made.children[0], **more)  # type: ignore[arg-type]
    book = build(replace(made, children=(child, *made.children[1:])))
    assert book.sheet("05").column("di_hoc")[0] == told


def test_only_children_of_5_to_17_are_listed(made: Snapshot) -> None:
    small = replace(made.children[3], id="C11", age_months=59, birth="2021-11-20")
    known_in_part = replace(small, id="C12", age_months=None, age_months_min=55, age_months_max=66)
    book = build(replace(made, children=(*made.children, small, known_in_part)))
    assert "C12" in book.sheet("03").column("ma_tre")
    assert not {"C10", "C11"} & set(book.sheet("03").column("ma_tre"))
    told = dict(zip(book.sheet("00").column("muc"), book.sheet("00").column("gia_tri"), strict=True))
    assert told["ngoai_pham_vi"] == 2


def test_sizes_of_a_whole_round(round_of_5000: Snapshot) -> None:
    """Printed with -s; no machine is quick enough to promise a time here."""
    start = time.perf_counter()
    book = build(round_of_5000)
    built = time.perf_counter()
    size = len(write(book))
    print(
        f"\n5,000 children: build {built - start:.1f} s, write {time.perf_counter() - built:.1f} s, {size} bytes"
    )
    assert len(book.sheet("03").rows) == 5000
    assert isinstance(book.sheet("02").rows[0].cells[4], date)
