"""Columns by the words people have for them, and the ways in which programs save a list."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from sync.places.geojson import read_geojson
from sync.places.headers import columns_of
from sync.places.load import read_places
from sync.places.official import official
from sync.places.report import LoadReport

KNOWN = ["code", "name", "kind", "ward_code", "lat", "lon", "households", "valid_from"]
VALUES = "05977.001{0}Thôn Thử Một{0}thon{0}05977{0}21.82{0}106.77{0}128{0}2026-07-01"


def read(header: str, row: str) -> LoadReport:
    return read_places(f"{header}\n{row}\n".encode(), official())


def names(report: LoadReport) -> list[str]:
    return [finding.problem.kind.name for finding in report.problems]


@pytest.mark.parametrize(
    "header",
    [
        "Mã thôn;Tên thôn;Loại;Mã phường/xã;Vĩ độ;Kinh độ;Số hộ;Hiệu lực từ",
        "ma_thon;ten_thon;loai;ma_phuong;vi_do;kinh_do;so_ho;hieu_luc_tu",
        "MÃ;TÊN;LOẠI HÌNH;MÃ XÃ;VĨ ĐỘ;KINH ĐỘ;SỐ HỘ;NGÀY HIỆU LỰC",
        "ma-khoi;ten-khoi;loai;ma-dvhc;latitude;longitude;tong so ho;valid from",
        '"Mã thôn, khối, tổ dân phố";"Tên thôn, khối";Loại;"Mã phường, xã";y;x;"Số hộ";"Từ ngày"',
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_columns_in_vietnamese_with_and_without_marks(header: str, form: str) -> None:
    report = read(unicodedata.normalize(form, header), VALUES.format(";"))
    assert names(report) == []
    (unit,) = report.units
    assert (unit.code, unit.parent_code, unit.lat, unit.lon) == ("05977.001", "05977", 21.82, 106.77)
    assert (unit.households, unit.valid_from) == (128, date(2026, 7, 1))
    assert report.warnings == ()


def test_the_very_name_wins_over_a_word_for_it() -> None:
    assert columns_of(["STT", "Mã", "code", "Ward-Code"]) == ["stt", "ma", "code", "ward_code"]


def test_two_words_for_one_column_are_refused() -> None:
    report = read("Mã;Mã thôn;Tên;Loại;Mã xã;lat;lon", "a;b;c;thon;05977;;")
    assert names(report) == ["places_column_twice"]


def test_the_line_by_which_excel_names_its_separator() -> None:
    header = ";".join(KNOWN)
    report = read_places(f"sep=;\r\n{header}\r\n{VALUES.format(';')}\r\n".encode("utf-8-sig"), official())
    assert report.ok
    wrong = read_places(f"sep=;\n{header}\n{VALUES.format(';').replace('thon', 'x')}\n".encode(), official())
    assert [finding.line for finding in wrong.problems] == [3]


def test_last_cells_that_a_spreadsheet_left_out() -> None:
    header, row = ",".join(KNOWN), VALUES.format(",")
    assert read(header, row.rsplit(",", 2)[0]).ok
    assert names(read(header, row.rsplit(",", 3)[0])) == ["place_cells"]


@pytest.mark.parametrize(
    ("lat", "lon", "problem"),
    [
        ("48.85", "2.35", "place_abroad"),
        ("-21.82", "106.77", "place_abroad"),
        ("21.82", "-106.77", "place_abroad"),
        ("106.77", "21.82", "place_swapped"),
        ("10.5", "105.1", None),
        ("16.5", "112.0", None),
    ],
)
def test_a_position_outside_the_country_is_refused(lat: str, lon: str, problem: str | None) -> None:
    row = VALUES.format(";").replace("21.82;106.77", f"{lat};{lon}")
    assert names(read(";".join(KNOWN), row)) == ([problem] if problem else [])


@pytest.mark.parametrize("code", ["5977001", "5977.001", "5977.01", "5977001.0", "5.977E+06"])
def test_a_village_code_that_became_a_number_is_refused(code: str) -> None:
    row = VALUES.format(";").replace("05977.001", code)
    assert names(read(";".join(KNOWN), row)) == ["place_code_damaged"]


def test_a_geojson_with_vietnamese_properties_and_numbers_for_codes() -> None:
    text = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Point", '
        '"coordinates": [106.77, 21.82, 312.5]}, "properties": {"Mã thôn": %s, "Tên thôn": "Thôn Thử", '
        '"Loại": "Thôn", "Mã xã": "05977"}}]}'
    )
    assert read_geojson((text % '"05977.001"').encode("utf-16"), official()).units[0].code == "05977.001"
    assert names(read_geojson((text % "5977001").encode(), official())) == ["place_code_damaged"]
    assert names(read_geojson((text % "5977.001").encode(), official())) == ["place_code_damaged"]


def test_an_outline_abroad_and_a_bare_geometry_are_refused() -> None:
    ring = "[[[2.3,48.8],[2.4,48.8],[2.4,48.9],[2.3,48.8]]]"
    shape = f'{{"type": "Polygon", "coordinates": {ring}}}'
    assert names(read_geojson(shape.encode(), official())) == ["geojson_kind"]
    feature = f'{{"type": "Feature", "properties": {{"ma": "05977"}}, "geometry": {shape}}}'
    assert names(read_geojson(feature.encode(), official())) == ["place_abroad"]
    bare = '{"type": "Feature", "properties": null, "geometry": {"type": "Point", "coordinates": [106.77, 21.82]}}'
    assert set(names(read_geojson(bare.encode(), official()))) == {
        *("place_code", "place_name", "place_kind", "place_ward_unknown")
    }


def test_refused_rows_are_counted_once_each() -> None:
    report = read(";".join(KNOWN), f"x;;?;9;1;;a;b\n{VALUES.format(';')}")
    assert (report.rows, report.refused_rows, len(report.units)) == (2, 1, 1)
    assert report.problem_count > 4
