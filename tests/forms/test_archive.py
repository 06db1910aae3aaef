"""Small files that stand for much work: refused before they are opened. What an office really sends is read."""

from __future__ import annotations

import time

import pytest
from hostile_forms import (
    BOOK,
    SHEET,
    STYLES,
    before,
    heavy_tables,
    heavy_workbooks,
    packed,
    parts,
    with_part,
    workbook,
)

from forms.problems import Problems
from forms.publish import publish

WORKBOOKS, TABLES = dict(heavy_workbooks()), dict(heavy_tables())


def refusal(source: bytes, name: str) -> str:
    with pytest.raises(Problems) as caught:
        publish(source, name)
    return caught.value.problems[0].kind.name


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_heavy_workbook_is_refused_at_once(name: str) -> None:
    began = time.process_time()
    assert refusal(WORKBOOKS[name], "a.xlsx") == "form_zip_bomb"
    assert time.process_time() - began < 1.5
    assert len(WORKBOOKS[name]) < 3_000_000, "it is small as a file"


@pytest.mark.parametrize("name", TABLES)
def test_a_heavy_table_is_refused_in_proportion_to_its_size(name: str) -> None:
    began = time.process_time()
    refusal(TABLES[name], "a.md")
    assert time.process_time() - began < 1 + len(TABLES[name]) / 250_000


def test_more_columns_than_any_form_needs_are_refused() -> None:
    assert refusal(TABLES["20,000 columns label::L"], "a.md") == "form_too_wide"
    wide = {"survey": (("type", "name", *(f"label::L{n}" for n in range(299))), ("text", "q1", "Một"))}
    assert refusal(workbook(wide), "a.xlsx") == "form_too_wide"


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"\xff\xfe" + body.decode().encode("utf-16-le"),
        lambda body: body.decode().encode("utf-16-be"),
        lambda body: b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-' + body,
        lambda body: b"<!DOCTYPE x>" + body,
    ],
    ids=["UTF-16 with mark", "UTF-16", "UTF-7", "DOCTYPE"],
)
@pytest.mark.parametrize("part", [SHEET, STYLES, BOOK])
def test_xml_that_hides_what_it_is_is_refused(part: str, change: object) -> None:
    content = parts(workbook())
    content[part] = change(content[part])  # type: ignore[operator]
    assert refusal(packed(content), "a.xlsx") == "form_unreadable"


def test_a_large_honest_workbook_with_pictures_is_read() -> None:
    choices = [
        ("list_name", "name", "label::vi", "label::en"),
        *(("c", n, f"Thôn {n}", f"V {n}") for n in range(6_000)),
    ]
    survey = [("type", "name", "label::vi", "label::en"), ("select_one c", "q1", "Thôn nào", "Which")]
    content = parts(workbook({"survey": survey, "choices": choices}))
    picture = bytes(range(256)) * 20_000
    made = publish(packed(content | {"xl/media/image1.png": b"\x89PNG" + picture}), "a.xlsx")
    assert made.xform.count(b"<item>") == 6_000


def test_odd_cells_are_read_or_refused_in_words() -> None:
    far = b"<row r='999999999'><c r='A999999999' t='inlineStr'><is><t>x</t></is></c></row>"
    assert publish(with_part(SHEET, before(b"</sheetData>", far)), "a.xlsx").form_id == "small"
    for odd in (
        b"<v>" + b"9" * 100_000 + b"</v>",
        b"<v>1e400</v>",
        b"<is><t>" + b"x" * 40_000 + b"</t></is>",
    ):
        kind = b"t='inlineStr'" if b"<is>" in odd else b""
        cell = b"<row r='3'><c r='B3' " + kind + b">" + odd + b"</c></row>"
        assert refusal(with_part(SHEET, before(b"</sheetData>", cell)), "a.xlsx").startswith("form_")
