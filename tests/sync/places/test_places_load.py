"""Lists of villages from CSV: what is accepted, and every kind of bad row by its line."""

from __future__ import annotations

import codecs
import time
import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.places.gazetteer import Gazetteer
from sync.places.load import read_places
from sync.places.official import official
from sync.places.report import LoadReport

HEADER = "code,name,kind,ward_code,lat,lon,households,valid_from,verified,merged_from\n"
GOOD = "05977.001,Thôn Thử Một,thon,05977,21.82,106.77,128,,primary,\n"


def load(*rows: str, places: Gazetteer | None = None) -> LoadReport:
    text = HEADER + "".join(row if row.endswith("\n") else row + "\n" for row in rows)
    return read_places(text.encode(), places or official(), source="danh sách thử")


def found(report: LoadReport) -> list[tuple[int, str]]:
    return [(finding.line, finding.problem.kind.name) for finding in report.problems]


def noted(report: LoadReport) -> list[tuple[int, str]]:
    return [(finding.line, finding.problem.kind.name) for finding in report.warnings]


def test_a_good_row_becomes_a_village() -> None:
    report = load(GOOD)
    (unit,) = report.units
    assert report.ok
    assert (unit.code, unit.name, unit.kind, unit.level) == ("05977.001", "Thôn Thử Một", "thon", "village")
    assert (unit.parent_code, unit.lat, unit.lon, unit.households) == ("05977", 21.82, 106.77, 128)
    assert (unit.valid_from, unit.valid_to, unit.verified) == (date(2025, 7, 1), None, "primary")
    assert (unit.practice, unit.source) == (False, "danh sách thử")
    assert (report.problems, report.warnings, report.rows) == ((), (), 1)


def test_only_the_needed_columns_in_any_order() -> None:
    data = b"LON,Lat,ward_code,kind,name,code\n106.77,21.82,05977,khoi,Kh\xe1\xbb\x91i 1,a-1\n"
    assert read_places(data, official()).units[0].kind == "khoi"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_write(encoding: str, separator: str, line_end: str) -> None:
    text = (HEADER + GOOD).replace(",", separator).replace("\n", line_end)
    report = read_places(unicodedata.normalize("NFD", text).encode(encoding), official())
    assert report.ok
    assert report.units[0].name == unicodedata.normalize("NFC", "Thôn Thử Một")


def test_decimal_commas_are_the_custom_with_semicolons_and_noted_with_commas() -> None:
    local = (HEADER + GOOD).replace(",", ";").replace("21.82", "21,82").replace("106.77", "106,77")
    report = read_places(local.encode(), official())
    assert (report.units[0].lat, report.units[0].lon, noted(report)) == (21.82, 106.77, [])
    quoted = load(GOOD.replace("21.82", '"21,82"'))
    assert quoted.units[0].lat == 21.82
    assert noted(quoted) == [(2, "place_decimal_comma")]
    assert found(load(GOOD.replace("21.82", "21,82"))) == [(2, "place_cells")]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Thôn", "thon"),
        ("KHỐI", "khoi"),
        ("Tổ dân phố", "to_dan_pho"),
        ("TDP", "to_dan_pho"),
        ("khoi pho", "khoi"),
    ],
)
def test_kinds_as_people_write_them(written: str, kind: str) -> None:
    assert load(GOOD.replace(",thon,", f",{written},")).units[0].kind == kind


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("05977.001,Thôn Thử,thon,05977,21.82", "place_cells"),
        (GOOD.rstrip() + ",,thừa", "place_cells"),
        (GOOD.replace("05977.001", ""), "place_code"),
        (GOOD.replace("05977.001", "mã có dấu"), "place_code"),
        (GOOD.replace("05977.001", "a" * 33), "place_code"),
        (GOOD.replace("05977.001", "5977.01"), "place_code_damaged"),
        (GOOD.replace("05977.001", "5.98E+03"), "place_code_damaged"),
        (GOOD.replace("05977.001", "05977"), "place_code_taken"),
        (GOOD.replace("05977.001", "178"), "place_code_taken"),
        (GOOD.replace("Thôn Thử Một", ""), "place_name"),
        (GOOD.replace("Thôn Thử Một", "a" * 121), "place_name"),
        (GOOD.replace("Thôn Thử Một", "=1+1"), "place_name"),
        (GOOD.replace("Thôn Thử Một", "Thôn\u202eThử"), "place_name"),
        (GOOD.replace("Thôn Thử Một", "Thôn Thử Một".encode().decode("latin-1")), "place_name_garbled"),
        (GOOD.replace("Thôn Thử Một", "Th?n Th? M?t"), "place_name_garbled"),
        (GOOD.replace(",thon,", ",ấp,"), "place_kind"),
        (GOOD.replace(",thon,", ",,"), "place_kind"),
        (GOOD.replace(",05977,", ",99999,"), "place_ward_unknown"),
        (GOOD.replace(",05977,", ",178,"), "place_ward_unknown"),
        (GOOD.replace(",05977,", ",5977,"), "place_ward_lost_zero"),
        (GOOD.replace(",05977,", ",5977.0,"), "place_ward_lost_zero"),
        (GOOD.replace(",05977,", ",05980,"), "place_ward_other_time"),
        (GOOD.replace(",,primary", ",2001-01-01,primary"), "place_ward_other_time"),
        (GOOD.replace(",,primary", ",2026-02-30,primary"), "place_date"),
        (GOOD.replace(",,primary", ",tháng 7,primary"), "place_date"),
        (GOOD.replace("21.82", "21°49'N"), "place_number"),
        (GOOD.replace("21.82", "2182000"), "place_number"),
        (GOOD.replace("21.82", "nan"), "place_number"),
        (GOOD.replace("21.82", "1e1"), "place_number"),
        (GOOD.replace("106.77", "206.77"), "place_off_the_globe"),
        (GOOD.replace("21.82,106.77", "0,0"), "place_off_the_globe"),
        (GOOD.replace("21.82,106.77", "106.77,21.82"), "place_swapped"),
        (GOOD.replace("21.82,106.77", "106.77,"), "place_half_point"),
        (GOOD.replace("128", "-1"), "place_households"),
        (GOOD.replace("128", "1.280"), "place_households"),
        (GOOD.replace("primary", "chắc"), "place_verified"),
        (GOOD.rstrip() + "05977.777", "place_merged_from"),
    ],
)
def test_a_bad_row_is_refused_by_its_line(row: str, name: str) -> None:
    report = load("05977.500,Thôn Thử Khác,thon,05977,21.83,106.77,,,,", row)
    assert found(report) == [(3, name)]
    assert not report.ok
    problem = report.problems[0].problem
    assert problem.message("vi").startswith("dòng 3 (line 3): ")
    assert problem.advice("vi")
    assert problem.advice("en")
    assert "{" not in problem.message("vi") + problem.advice("vi")
    assert "?:" not in problem.message("en")


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    report = load("05977,,x,5977,106.8,21.8,nhiều,hôm qua,?,")
    names = [name for _, name in found(report)]
    assert len(names) == 8
    assert {"place_ward_lost_zero", "place_name", "place_kind", "place_swapped", "place_date"} <= set(names)


def test_the_cure_names_the_ward_that_an_old_one_became() -> None:
    (finding,) = load(GOOD.replace(",05977,", ",05980,")).problems
    assert "Phường Đông Kinh (05977)" in finding.problem.message("vi")
    (lost,) = load(GOOD.replace(",05977,", ",5977,")).problems
    assert "05977" in lost.problem.message("en")


def test_a_list_of_the_old_time_belongs_to_the_old_ward() -> None:
    report = load(GOOD.replace(",05977,", ",05980,").replace(",,primary", ",01/03/2024,primary"))
    assert report.units[0].valid_from == date(2024, 3, 1)
    assert noted(report) == [(2, "place_code_of_other_ward")]
    reused = load(GOOD.replace(",,primary", ",2024-03-01,primary")).units[0]
    places = official().with_(units=[*official().units, reused])
    assert places.ancestors(reused.code, on=date(2024, 3, 1))[0].name == "Phường Vĩnh Trại"
    assert places.ancestors(reused.code, on=date(2026, 3, 1))[0].name == "Phường Đông Kinh"


def test_twins_in_one_file() -> None:
    report = load(
        GOOD,
        GOOD.replace("Thử Một", "Thử Hai"),
        GOOD.replace(".001", ".003").replace("Thôn Thử Một", "THÔN  THỬ MỘT"),
        GOOD.replace(".001", ".004").replace("Thôn Thử Một", "Thon Thu Mot"),
        GOOD.replace(".001", ".005").replace("Thôn Thử Một", "Thôn Thứ Mốt"),
        GOOD.replace("05977", "05983").replace("21.82,106.77", "21.82,106.71"),
    )
    assert found(report) == [(3, "place_code_twice"), (4, "place_name_twice"), (5, "place_name_twice")]
    assert noted(report) == [(6, "place_name_alike")]
    assert report.problem_count == 3
    assert "line 2" in report.problems[0].problem.message("en")


def test_warnings_do_not_refuse(drawn: Gazetteer) -> None:
    outside = load(GOOD.replace("21.82", "21.95"))
    assert outside.ok
    assert noted(outside) == [(2, "place_outside_box")]
    assert noted(load(GOOD.replace("21.82", "21.85"), places=drawn)) == [(2, "place_outside_outline")]
    assert noted(load(GOOD.replace("21.82,106.77", ","))) == [(2, "place_without_point")]
    extra = read_places((HEADER.strip() + ",ghi_chu\n" + GOOD.strip() + ",x\n").encode(), official())
    assert extra.ok
    assert noted(extra) == [(1, "places_column_unknown")]


def test_an_old_ward_is_held_against_the_box_of_the_new_one() -> None:
    old = GOOD.replace(",05977,", ",05980,").replace(",,primary", ",2024-03-01,primary")
    assert (2, "place_outside_box") in noted(load(old.replace("21.82", "22.3")))
    assert (2, "place_outside_box") not in noted(load(old))


def test_lines_are_those_of_the_file() -> None:
    report = load(
        "\n\n", '"05977.001","Thôn\nThử",thon,05977,21.82,106.77,,,,', ",,,,,,,,,", GOOD.replace("thon", "x")
    )
    assert report.units[0].name == "Thôn Thử"
    assert found(report) == [(7, "place_kind")]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "places_empty"),
        (b"\n\n", "places_empty"),
        (HEADER.encode(), "places_empty"),
        (codecs.BOM_UTF8, "places_empty"),
        (b"code,name,kind,ward_code,lat\n1,2,3,4,5\n", "places_column_missing"),
        (b"code,name,kind,ward_code,lat,lon,lat\n1,2,3,4,5,6,7\n", "places_column_twice"),
        (HEADER.encode() + b"05977.001,Th\xf4n,thon,05977,1,2\n", "places_encoding"),
        ("Thôn Thử Một".encode("utf-16-le"), "places_encoding"),
        (codecs.BOM_UTF16_LE + b"x", "places_encoding"),
        (HEADER.encode() + b"05977.001,Th\0n,thon,05977,1,2\n", "places_encoding"),
        (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0", "places_encoding"),
        (HEADER.encode() + b'05977.001,"Th', "places_broken"),
        (HEADER.encode() + b'05977.001,"T"h,thon\n', "places_broken"),
        (HEADER.encode() + b"a" * 200_000, "places_broken"),
        (b"x" * (64 * 1024 * 1024 + 1), "places_too_big"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(data: bytes, name: str) -> None:
    report = read_places(data, official())
    assert found(report) == [(0, name)]
    assert report.units == ()
    assert report.problems[0].problem.kind.next_vi


def test_the_line_of_a_wrong_letter_is_named() -> None:
    data = (HEADER + GOOD).encode() + "05977.002,Thôn,thon\n".encode("cp1258")
    (finding,) = read_places(data, official()).problems
    assert "line 3" in finding.problem.message("en")


def test_two_hundred_thousand_rows_are_read_in_seconds() -> None:
    rows = (
        f"05977.{number:06d},Thôn Thử {number},thon,05977,21.82,106.77,,,,\n" for number in range(200_000)
    )
    began = time.process_time()
    report = read_places((HEADER + "".join(rows)).encode(), official())
    assert len(report.units) == 200_000
    assert time.process_time() - began < 60


def test_a_file_that_is_wrong_from_end_to_end_is_told_briefly() -> None:
    report = load(*(f"x{number},Thôn {number},ap,05977,21.82,106.77,,,,\n" for number in range(2000)))
    assert report.problem_count == 2000
    assert len(report.problems) == 500
    assert report.problems[0].line == 2


def test_too_many_rows() -> None:
    data = (HEADER + "x\n" * 300_001).encode()
    assert found(read_places(data, official())) == [(0, "places_too_big")]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400)
    | st.text(max_size=300).map(lambda text: (HEADER + text).encode("utf-8", "replace"))
)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    report = read_places(data, official())
    for finding in report.problems:
        assert finding.problem.message("vi")
        assert finding.problem.advice("en")


def test_the_report_as_data() -> None:
    data = load(GOOD, GOOD.replace("05977.001", "05977")).as_data()
    assert (data["ok"], data["rows"], data["accepted"], data["problem_count"]) == (False, 2, 1, 1)
    assert isinstance(data["problems"], list)
    assert data["problems"][0]["line"] == 3


def test_a_decimal_comma_never_becomes_a_number_of_households() -> None:
    assert found(load("05977.001,Thôn Thử,thon,05977,21.82,106,77,,,,")) == [(2, "place_cells")]
