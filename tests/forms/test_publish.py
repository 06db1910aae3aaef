"""What may be published, what is refused, and how a form's author is told where the mistake is."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from forms.problems import Problem, Problems
from forms.publish import MAX_BYTES, PublishedForm, publish
from forms.schema import read_schema
from tests.builders import ls_cl

SMALL = """
| survey |
| | type | name | label::Tiếng Việt (vi) |
| | text | q1 | Câu một |
| | select_one yn | q2 | Câu hai |
| choices |
| | list_name | name | label::Tiếng Việt (vi) |
| | yn | 1 | Có |
| | yn | 2 | Không |
| settings |
| | form_title | form_id | version |
| | Phiếu thử | thu | 1 |
"""


def workbook(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def small_workbook(**changes: Sequence[Sequence[object]]) -> bytes:
    sheets: dict[str, Sequence[Sequence[object]]] = {
        "survey": [("type", "name", "label::Tiếng Việt (vi)"), ("integer", "q1", "Câu một")],
        "settings": [("form_title", "form_id", "version"), ("Phiếu thử", "thu", 1)],
    }
    return workbook({**sheets, **changes})


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def refusals(source: bytes, filename: str) -> tuple[Problem, ...]:
    with pytest.raises(Problems) as raised:
        publish(source, filename)
    return raised.value.problems


def refusal(source: bytes, filename: str = "x.md") -> str:
    (problem,) = refusals(source, filename)
    assert problem.kind.status in {413, 415, 422}
    return problem.kind.name


def test_markdown_excel_and_xform_give_a_form_with_the_hash_of_its_bytes() -> None:
    from_md = publish(SMALL.encode(), "thu.md")
    from_xlsx = publish(small_workbook(), "thu.XLSX")
    from_xml = publish(from_md.xform, "thu.xml")
    for form in (from_md, from_xlsx, from_xml):
        assert (form.form_id, form.version, form.title, form.media) == ("thu", "1", "Phiếu thử", ())
        assert form.hash.startswith("md5:")
        assert len(form.hash) == 36
    assert from_xml.xform == from_md.xform
    assert from_xml.hash == from_md.hash
    assert publish(small_workbook(), "khac.xlsx").xform == from_xlsx.xform


def test_a_form_without_settings_takes_its_file_s_name() -> None:
    form = publish(b"| survey |\n| | type | name | label |\n| | text | q | Q |\n", "dieu tra 1.md")
    assert (form.form_id, form.title) == ("dieu_tra_1", "dieu_tra_1")


def test_labels_are_nfc_whatever_the_file_holds() -> None:
    decomposed = unicodedata.normalize("NFD", SMALL)
    assert publish(decomposed.encode(), "thu.md").xform == publish(SMALL.encode(), "thu.md").xform
    assert (
        publish(SMALL.replace("\n", "\r\n").encode(), "thu.md").xform
        == publish(SMALL.encode(), "thu.md").xform
    )


@pytest.mark.parametrize("name", ["a.docx", "a", "a.pdf", "a.csv", "a.xls"])
def test_other_kinds_of_files_are_not_forms(name: str) -> None:
    assert refusal(b"x", name) == "form_kind_unknown"


@pytest.mark.parametrize(
    ("source", "name", "problem"),
    [
        (b"x" * (MAX_BYTES + 1), "a.md", "form_too_large"),
        (b"x", "a.xlsm", "form_has_macros"),
        (b"not a zip", "a.xlsx", "form_unreadable"),
        (zipped({"a.txt": b"x"}), "a.xlsx", "form_unreadable"),
        (zipped({"xl/vbaProject.bin": b"x"}), "a.xlsx", "form_has_macros"),
        (zipped({"xl/worksheets/sheet1.xml": b"\0" * 30_000_000}), "a.xlsx", "form_zip_bomb"),
        (zipped({f"p{n}": b"" for n in range(2_001)}), "a.xlsx", "form_zip_bomb"),
        (zipped({"xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}), "a.xlsx", "form_unreadable"),
        (b"\xff\xfe", "a.md", "form_unreadable"),
        (b"no table here", "a.md", "form_unreadable"),
        (b"", "a.md", "form_unreadable"),
        (b"", "a.xml", "form_unreadable"),
        (b"<x", "a.xml", "form_unreadable"),
        (b"<x/>", "a.xml", "form_not_xform"),
        (b"<!DOCTYPE x><x/>", "a.xml", "form_unreadable"),
        (b"<h><head><model/></head><body/></h>", "a.xml", "form_not_xform"),
        (b"<h><head><model><instance><d/></instance></model></head><body/></h>", "a.xml", "form_without_id"),
        (
            b'<h><head><model><instance><d id="a b"/></instance></model></head><body/></h>',
            "a.xml",
            "form_without_id",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_dangerous_and_broken_files_are_refused_by_name(source: bytes, name: str, problem: str) -> None:
    assert refusal(source, name) == problem


def test_a_lying_zip_directory_does_not_help() -> None:
    bomb = bytearray(zipped({"xl/worksheets/sheet1.xml": b"\0" * 30_000_000}))
    at = bomb.rfind(b"PK\x01\x02")
    bomb[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert refusal(bytes(bomb), "a.xlsx") in {"form_zip_bomb", "form_unreadable"}


def test_a_formula_is_refused_with_sheet_row_and_cell() -> None:
    rows = [("type", "name", "label"), ("text", "q1", "Một"), ("text", "q2", "=A1&A2")]
    (problem,) = refusals(small_workbook(survey=rows), "a.xlsx")
    assert problem.kind.name == "form_has_formula"
    assert problem.message("vi").startswith("survey, hàng 3: Ô C3")


def test_very_many_cells_are_refused() -> None:
    assert refusal(("| survey |\n" + "| | a | b | c |\n" * 140_000).encode()) == "form_zip_bomb"


@pytest.mark.parametrize(
    ("before", "after", "where", "name"),
    [
        ("| text | q1 |", "| txet | q1 |", "survey, hàng 2", "form_unknown_type"),
        ("| text | q1 |", "| text | 1q |", "survey, hàng 2", "form_bad_name"),
        ("| text | q1 |", "| text | |", "survey, hàng 2", "form_without_name"),
        ("select_one yn |", "select_one ny |", "survey, hàng 3", "form_unknown_list"),
        ("| | yn | 2 |", "| | yn | |", "choices, hàng 3", "form_without_name"),
        ("| | yn | 2 |", "| | yn | 1 |", "choices, hàng 3", "form_double_choice"),
        ("| Câu một |", "| Câu ${q9} |", "survey, hàng 2", "form_unknown_reference"),
        ("| q2 |", "| q1 |", "survey, hàng 3", "form_double_name"),
        ("| text | q1 |", "| begin group | q1 |", "survey, hàng 2", "form_unmatched_group"),
        ("| q1 | Câu một |", "| q1 | |", "survey, hàng 2", "form_without_label"),
        ("| text | q1 |", "| calculate | q1 |", "survey, hàng 2", "form_without_calculation"),
        ("| survey |", "| servey |", "survey", "form_without_survey"),
        ("| choices |", "| choises |", "choices", "form_refused"),
        ("| text | q1 |", "| select_one_from_file x.txt | q1 |", "survey, hàng 2", "form_refused"),
        ("| | type | name |", "| | type | type |", "survey", "form_refused"),
    ],
)
def test_mistakes_are_told_with_sheet_row_what_and_cure(
    before: str, after: str, where: str, name: str
) -> None:
    assert before in SMALL
    (problem,) = refusals(SMALL.replace(before, after).encode(), "thu.md")
    assert (problem.kind.name, problem.where) == (name, where)
    for text in (problem.message("vi"), problem.message("en"), problem.advice("vi"), problem.advice("en")):
        assert "?" not in text


def test_every_mistake_has_both_languages() -> None:
    with pytest.raises(Problems) as raised:
        publish(b"x", "a.doc")
    assert "không phải là biểu mẫu" in raised.value.messages("vi")[0]
    assert "not a form" in raised.value.messages("en")[0]


def test_the_converter_s_remarks_come_as_warnings_but_not_what_lint_says_better() -> None:
    both = SMALL.replace("form_id | version", "form_id | id_string").replace("| thu | 1 |", "| thu | thu |")
    (remark,) = publish(both.encode(), "thu.md").warnings
    assert remark.kind.name == "form_remark"
    photo = publish(SMALL.replace("| text | q1 |", "| image | q1 |").encode(), "thu.md")
    assert [(problem.kind.name, problem.where) for problem in photo.warnings] == [
        ("lint_photo_size", "survey, hàng 2")
    ]


def test_a_long_cell_and_a_double_column_are_refused() -> None:
    (problem,) = refusals(SMALL.replace("Câu một", "x" * 40_000).encode(), "thu.md")
    assert (problem.kind.name, problem.where) == ("form_refused", "survey, hàng 2")


def test_an_unescaped_pipe_is_pointed_out() -> None:
    form = publish(SMALL.replace("| q1 | Câu một |", "| q1 | Một | hai |").encode(), "thu.md")
    (remark,) = [problem for problem in form.warnings if problem.kind.name == "lint_markdown_pipe"]
    assert remark.details["line"] == 4
    escaped = publish(SMALL.replace("Câu một", "Một \\| hai").encode(), "thu.md")
    assert read_schema(escaped.xform).fields["/q1"].label() == "Một | hai"
    assert escaped.warnings == ()


def test_comments_rulers_and_other_text_are_not_cells() -> None:
    text = "# Tiêu đề\n" + SMALL.replace(
        "| | text | q1", "|---|---|---|---|\n\nlời giải thích\n| | text | q1"
    )
    assert publish(text.encode(), "thu.md").xform == publish(SMALL.encode(), "thu.md").xform


def test_choices_for_select_one_external_are_made_into_a_file() -> None:
    text = """
| survey |
| | type | name | label | choice_filter |
| | select_one province | p | P | |
| | select_one_external ward | w | W | province=${p} |
| choices |
| | list_name | name | label |
| | province | 20 | Lạng Sơn |
| external_choices |
| | list_name | name | province |
| | ward | 05977 | 20 |
"""
    form = publish(text.encode(), "x.md")
    assert "itemsets.csv" in form.media
    ((name, body),) = form.made
    assert name == "itemsets.csv"
    assert b"05977" in body


def _swallow(action: Callable[[], PublishedForm]) -> None:
    try:
        form = action()
    except Problems:
        return
    assert form.form_id


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_published_or_refused_in_words(text: str) -> None:
    _swallow(lambda: publish(text.encode("utf-8", "surrogatepass"), "a.md"))


CELLS = st.sampled_from(
    ["text", "begin group", "end group", "begin repeat", "end_repeat", "select_one x", "q", "", "${q}", "calculate",
     "1+",
     "${", "name", "type", "label", "note",
     "geopoint", "rank x", "\\|", "survey", "choices", "x", "'", "//", "x" * 60]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=5), max_size=8))
def test_any_table_is_published_or_refused_in_words(rows: list[list[str]]) -> None:
    table = "\n".join(f"| | {' | '.join(row)} |" for row in rows)
    _swallow(
        lambda: publish(
            f"| survey |\n| | type | name | label | calculation | relevant |\n{table}\n".encode(), "a.md"
        )
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5_000), st.binary(min_size=1, max_size=6))
def test_a_damaged_workbook_never_raises_anything_else(at: int, damage: bytes) -> None:
    whole = small_workbook()
    _swallow(lambda: publish(whole[:at] + damage + whole[at + len(damage) :], "a.xlsx"))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 250_000), st.binary(min_size=1, max_size=6))
def test_a_damaged_xform_never_raises_anything_else(at: int, damage: bytes) -> None:
    whole = ls_cl.shipped().xform
    _swallow(lambda: publish(whole[:at] + damage + whole[at + len(damage) :], "a.xml"))
