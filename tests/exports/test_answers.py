"""Answers of any form as tables: all versions together by stable names, labels beside codes, Excel and CSV alike."""

from __future__ import annotations

import csv
import io
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator

import openpyxl
import pytest
from instances import fill

from exports.columns import Cell, Labels
from exports.datasets import xlsx_book
from exports.datasets.csv_zip import write_zip
from exports.datasets.names import unique_names
from exports.datasets.xlsx_book import write_xlsx
from exports.table import About, Plan, plan
from forms.problems import Problem
from forms.publish import publish
from forms.read import Record, read_submission
from forms.schema import FormSchema, read_schema

OLD = """
| survey |
| | type | name | label::Tiếng Việt (vi) |
| | select_multiple crop | crops | Cây trồng |
| | text | gone | Câu cũ |
| | text | q | Câu |
| | begin group | g | Nhóm |
| | integer | n | Số |
| | end group | | |
| | geopoint | at | Nơi |
| choices |
| | list_name | name | label::Tiếng Việt (vi) |
| | crop | ngo | Ngô |
| | crop | thuoc | Thuốc lá |
| settings |
| | form_id | version |
| | phieu | 1 |
"""
NEW = """
| survey |
| | type | name | label::Tiếng Việt (vi) |
| | text | fresh | Câu mới |
| | select_multiple crop | crops | Cây trồng |
| | integer | q | Câu |
| | begin repeat | g | Người |
| | integer | n | Số |
| | select_one crop | main | Cây chính |
| | end repeat | | |
| | geopoint | at | Nơi |
| choices |
| | list_name | name | label::Tiếng Việt (vi) |
| | crop | lua | Lúa |
| | crop | ngo | Ngô (bắp) |
| settings |
| | form_id | version |
| | phieu | 2 |
"""


def schema(text: str) -> FormSchema:
    return read_schema(publish(text.encode(), "phieu.md").xform)


def about(name: str, version: str, problem: str = "") -> About:
    return About(name, version, "2026-11-25T08:00:00+07:00", "Người Thử", "may", problem)


def record(form: FormSchema, name: str, **answers: object) -> Record:
    return read_submission(fill(form, answers, instance_id=name), form)


def both() -> tuple[Plan, list[tuple[int, list[Cell]]]]:
    old, new = schema(OLD), schema(NEW)
    made = plan([new, old], {})
    first = record(old, "uuid:a", crops="thuoc ngo", gone="còn đây", q="chữ", n=3, at="21.5 106.5 0 5")
    second = record(new, "uuid:b", fresh="mới", crops="lua", q=4, g=[{"n": 1, "main": "lua"}, {"n": 2}])
    rows = [
        *made.rows(about("uuid:a", "1"), first),
        *made.rows(about("uuid:b", "2"), second),
        *made.rows(about("uuid:c", "9", "chưa rõ phiên bản"), None),
    ]
    return made, rows


def as_csv(made: Plan, rows: Iterator[tuple[int, list[Cell]]]) -> dict[str, list[dict[str, str]]]:
    out = io.BytesIO()
    write_zip(made.tables, rows, out, "phieu", tempfile.TemporaryFile)
    with zipfile.ZipFile(out) as archive:
        raw = {name: archive.read(name) for name in archive.namelist()}
    assert all(body.startswith(b"\xef\xbb\xbf") for body in raw.values())
    return {name: list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")))) for name, body in raw.items()}


def test_all_versions_stand_in_one_table_by_the_path_of_the_question() -> None:
    made, rows = both()
    tables = as_csv(made, iter(rows))
    assert list(tables) == ["phieu.csv", "phieu-g.csv"]
    header = list(tables["phieu.csv"][0])
    assert header == [
        "KEY", "form_version", "received_at", "sent_by", "device_id", "problem",
        "fresh", "crops", "crops:label", "crops/lua", "crops/ngo", "crops/thuoc", "gone", "q", "g/n",
        "at:latitude", "at:longitude", "at:altitude", "at:accuracy",
        "other_answers",
    ]  # fmt: skip
    old, new, unread = tables["phieu.csv"]
    assert (old["crops"], old["crops:label"]) == ("thuoc ngo", "Thuốc lá; Ngô (bắp)")
    assert (old["crops/lua"], old["crops/ngo"], old["crops/thuoc"]) == ("0", "1", "1")
    assert (old["gone"], old["q"], old["g/n"], old["fresh"]) == ("còn đây", "chữ", "3", "")
    assert (old["at:latitude"], old["at:longitude"], old["at:accuracy"]) == ("21.5", "106.5", "5")
    assert (new["q"], new["gone"], new["g/n"], new["fresh"]) == ("4", "", "", "mới")
    assert (unread["KEY"], unread["problem"], unread["q"]) == ("uuid:c", "chưa rõ phiên bản", "")
    assert unread["crops/lua"] == ""
    people = tables["phieu-g.csv"]
    assert [(row["PARENT_KEY"], row["KEY"], row["g/n"], row["g/main:label"]) for row in people] == [
        ("uuid:b", "uuid:b/g[1]", "1", "Lúa"),
        ("uuid:b", "uuid:b/g[2]", "2", ""),
    ]


def test_excel_holds_the_same_as_csv() -> None:
    made, rows = both()
    out = io.BytesIO()
    counts = write_xlsx(made.tables, iter(rows), out, "phieu")
    assert counts == {"phieu": 3, "g": 2}
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    for name, table in zip(book.sheetnames, as_csv(made, iter(rows)).values(), strict=True):
        header, *lines = book[name].iter_rows(values_only=True)
        told = [
            dict(zip(header, ("" if cell is None else str(cell) for cell in line), strict=True))
            for line in lines
        ]
        assert told == table
    again = io.BytesIO()
    write_xlsx(made.tables, iter(rows), again, "phieu")
    assert again.getvalue() == out.getvalue()


def test_what_the_version_does_not_know_is_kept_and_labels_come_from_attached_lists() -> None:
    form = schema(
        "| survey |\n| | type | name | label |\n| | select_one_from_file villages.csv | v | V |\n"
        "| | select_multiple_from_file long.csv | m | M |\n| settings |\n| | form_id | version |\n| | x | 1 |\n"
    )
    labels: Labels = {
        "villages.csv": {("name", "label"): {"05977.001": "Thôn Thử"}},
        "long.csv": {("name", "label"): {str(number): f"Số {number}" for number in range(300)}},
    }
    made = plan([form], labels)
    xml = fill(form, {"v": "05977.001", "m": "7 8"}, instance_id="uuid:1").replace(
        b"<m>", b"<stranger>la</stranger><m>"
    )
    (row,) = as_csv(made, made.rows(about("uuid:1", "1"), read_submission(xml, form)))["phieu.csv"]
    assert (row["v"], row["v:label"]) == ("05977.001", "Thôn Thử")
    assert (row["m"], row["m:label"]) == ("7 8", "Số 7; Số 8")
    assert "m/7" not in row, "a list of hundreds is not split into hundreds of columns"
    assert row["other_answers"] == '{"/stranger": "la"}'


@pytest.mark.parametrize(
    ("answer", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@sum", "'@sum"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-x", "'-x"),
        ("+84 912 345 678", "+84 912 345 678"),
        ("-5", "-5"),
        ("bình thường", "bình thường"),
    ],
)
def test_a_csv_never_runs_an_answer_as_a_formula(answer: str, cell: str) -> None:
    old = schema(OLD)
    made = plan([old], {})
    (row,) = as_csv(made, made.rows(about("uuid:1", "1"), record(old, "uuid:1", q=answer)))["phieu.csv"]
    assert row["q"] == cell
    out = io.BytesIO()
    write_xlsx(made.tables, made.rows(about("uuid:1", "1"), record(old, "uuid:1", q=answer)), out, "phieu")
    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
    assert sheet is not None
    (found,) = [entry for entry in sheet[2] if entry.value == answer]
    assert found.data_type == "s"


def test_what_excel_cannot_hold_is_said_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    old = schema(OLD)
    made = plan([old], {})
    long = record(old, "uuid:1", q="x" * 40_000)
    with pytest.raises(Problem) as raised:
        write_xlsx(made.tables, made.rows(about("uuid:1", "1"), long), io.BytesIO(), "phieu")
    assert raised.value.kind.name == "answers_exceed_excel"
    monkeypatch.setattr(xlsx_book, "MAX_ROWS", 3)
    short = record(old, "uuid:1", q="x")
    rows = (row for _ in range(5) for row in made.rows(about("uuid:1", "1"), short))
    with pytest.raises(Problem, match="beyond what Excel can hold"):
        write_xlsx(made.tables, rows, io.BytesIO(), "phieu")
    monkeypatch.setattr(xlsx_book, "MAX_COLUMNS", 3)
    with pytest.raises(Problem, match="beyond what Excel can hold"):
        write_xlsx(made.tables, iter(()), io.BytesIO(), "phieu")


def test_names_of_tables_are_unique_and_safe() -> None:
    form = schema(
        "| survey |\n| | type | name | label |\n| | begin repeat | people | D |\n"
        "| | text | a | A |\n| | end repeat | | |\n"
        "| | begin repeat | a_very_long_name_for_a_repeat_one | L |\n| | text | b | B |\n| | end repeat | | |\n"
        "| | begin repeat | a_very_long_name_for_a_repeat_two | L |\n| | text | c | C |\n| | end repeat | | |\n"
        "| settings |\n| | form_id | version |\n| | x | 1 |\n"
    )
    out = io.BytesIO()
    counts = write_xlsx(plan([form], {}).tables, iter(()), out, "people:*?")
    assert list(counts) == [
        "people",
        "people_2",
        "a_very_long_name_for_a_repeat_o",
        "a_very_long_name_for_a_repeat_t",
    ]
    other = unique_names(plan([form], {}).tables, "A_VERY_LONG_NAME_FOR_A_REPEAT_ONE", 31)
    assert other[0] == "A_VERY_LONG_NAME_FOR_A_REPEAT_O"
    assert other[2] == "a_very_long_name_for_a_repeat_2"


def test_memory_does_not_grow_with_the_number_of_submissions() -> None:
    old = schema(OLD)
    made = plan([old], {})
    one = record(old, "uuid:1", q="x" * 200, gone="y" * 200)

    def peak(number: int) -> int:
        with tempfile.TemporaryFile() as out:
            tracemalloc.start()
            rows = (row for _ in range(number) for row in made.rows(about("uuid:1", "1"), one))
            write_zip(made.tables, rows, out, "phieu", tempfile.TemporaryFile)
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return most

    peak(10)
    assert peak(6_000) < peak(600) + 300_000
