"""Any XLSForm that pyxform accepts: published, read back and laid out as tables, with or without facts."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from any_form import ANSWERS, CASES, MEDIA, answer, filled, published, xform_of

from exports.columns import Cell
from exports.datasets.csv_zip import write_zip
from exports.table import About, plan
from forms.draft import trial_copy
from forms.draft_mark import looks_like_trial
from forms.media import choices_in, media_remarks
from forms.publish import publish
from forms.read import Record, Row, read_envelope, read_submission
from forms.schema import FormSchema, read_schema

ABOUT = About("uuid:1", "1", "2026-11-25T08:00:00+07:00", "Người Thử", "may-thu")
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)


def schema_of(case: Path) -> FormSchema:
    return read_schema(published(case).xform)


def test_the_corpus_covers_every_type_of_question() -> None:
    found = {field.type for case in CASES for field in schema_of(case).fields.values()}
    assert {*ANSWERS, "text", "select_one", "select_multiple", "rank", "repeat", "entity", "note"} <= found
    assert any(schema_of(case).encrypted for case in CASES)
    deepest = max(
        len(schema.repeats_of(path))
        for case in CASES
        for schema in [schema_of(case)]
        for path in schema.fields
    )
    assert deepest == 3


@cases
def test_it_is_published_the_same_from_its_xform_and_as_a_draft(case: Path) -> None:
    form = published(case)
    again = publish(form.xform, f"{case.stem}.xml")
    assert (again.xform, again.hash, again.form_id) == (form.xform, form.hash, form.form_id)
    draft = trial_copy(form)
    assert looks_like_trial(draft.version)
    assert not looks_like_trial(form.version)
    assert draft.title == form.title + " (bản thử)"
    tried, real = read_schema(draft.xform), read_schema(form.xform)
    assert (tried.version, tried.title, tried.form_id) == (draft.version, draft.title, form.form_id)
    assert list(tried.fields) == list(real.fields)
    assert trial_copy(published(case)).xform == draft.xform


@cases
def test_the_xform_that_the_phone_app_is_tested_with_is_the_one_published(case: Path) -> None:
    kept = xform_of(case).read_bytes()
    assert kept == published(case).xform, "run: python tests/builders/any_form.py"


@cases
def test_every_answer_is_read_as_its_type(case: Path) -> None:
    schema = schema_of(case)
    xml = filled(schema)
    assert read_envelope(xml).form_id == schema.form_id
    record = read_submission(xml, schema)
    assert (record.misfits, record.strangers) == ((), {})
    wanted = {answer(field) for field in schema.fields.values() if field.is_file}
    assert set(record.files) == wanted


def test_entities_are_read_at_the_top_and_inside_a_repeat() -> None:
    schema = schema_of(Path(__file__).parent / "corpus" / "entities_repeat.md")
    record = read_submission(filled(schema), schema)
    assert [(entity.dataset, entity.action) for entity in record.answers.entities] == [
        ("household", "create")
    ]
    assert dict(record.answers.entities[0].properties) == {"head": "chữ của head"}
    inside = [entity for row in record.answers.repeats["member"] for entity in row.entities]
    assert [(entity.dataset, dict(entity.properties)) for entity in inside] == [
        ("child", {"called": "chữ của called", "age": "7"})
    ] * 2
    assert len({entity.id for entity in inside}) == 2


@cases
def test_every_answer_stands_in_its_table(case: Path) -> None:
    schema = schema_of(case)
    record = read_submission(filled(schema), schema)
    tables = _tables(schema, record)
    assert len(tables) == 1 + sum(field.kind == "repeat" for field in schema.fields.values())
    cells = {cell for rows in tables.values() for row in rows for cell in row.values()}
    for field in schema.questions():
        if field.path == "/meta/instanceID":
            continue
        columns = [name for rows in tables.values() for name in rows[0]]
        if field.type == "geopoint":
            assert f"{field.path[1:]}:latitude" in columns
            assert {"21.85", "106.76", "250", "4.5"} <= cells
        else:
            assert field.path[1:] in columns
            assert answer(field) in cells
    assert sum(len(rows) for rows in tables.values()) == 1 + _rows_below(record.answers)


def test_rows_of_nested_repeats_are_linked_by_key() -> None:
    schema = schema_of(Path(__file__).parent / "corpus" / "nested_repeats.md")
    tables = _tables(schema, read_submission(filled(schema), schema))
    assert set(tables) == {
        f"nested_repeats{ending}.csv" for ending in ("", "-member", "-job", "-shift", "-dog", "-walk")
    }
    for name, parent in (("member", ""), ("job", "-member"), ("shift", "-job"), ("walk", "-dog")):
        keys = {row["KEY"] for row in tables[f"nested_repeats{parent}.csv"]}
        assert {row["PARENT_KEY"] for row in tables[f"nested_repeats-{name}.csv"]} == keys
    last = tables["nested_repeats-shift.csv"][-1]
    assert last["KEY"] == "uuid:1/member[2]/job[2]/shift[2]"
    assert last["house/member/person/job/shift/days:label"] == "Thứ hai; Thứ ba"


def test_attached_lists_of_every_kind_give_labels() -> None:
    assert choices_in("a.csv", MEDIA["wards_of_old.csv"], "code", "title") == {
        "05977": "Đông Kinh",
        "05980": "Lương Văn Tri",
    }
    assert choices_in("a.xml", MEDIA["goods.xml"], "name", "label") == {"ngo": "Ngô", "lua": "Lúa"}
    assert choices_in("a.geojson", MEDIA["roads.geojson"], "id", "title") == {"r1": "Road 1"}
    for name, content in (
        ("a.csv", b"\xff\xfe"),
        ("a.xml", b"<x"),
        ("a.geojson", b"{}"),
        ("a.geojson", b"[]"),
        ("a.geojson", b'{"features":[1]}'),
        ("a.pdf", b"x"),
    ):
        assert choices_in(name, content, "name", "label") == {}


def test_the_files_a_form_names_are_told_when_they_are_missing() -> None:
    schema = schema_of(Path(__file__).parent / "corpus" / "attached_lists.md")
    told = list(media_remarks(schema, {"goods.xml": b"", "fruits.csv": b"a\n" * 2_002}, {"prices.csv"}))
    assert [(problem.kind.name, next(iter(problem.details.values()))) for problem in told] == [
        ("media_missing", "wards_of_old.csv"),
        ("media_missing", "roads.geojson"),
        ("media_unnamed", "fruits.csv"),
        ("lint_long_list", "fruits.csv"),
    ]


def _rows_below(row: Row) -> int:
    return sum(1 + _rows_below(inner) for rows in row.repeats.values() for inner in rows)


def _tables(schema: FormSchema, record: Record) -> dict[str, list[dict[str, str]]]:
    made = plan([schema], {})
    out = io.BytesIO()
    rows: Iterator[tuple[int, list[Cell]]] = made.rows(ABOUT, record)
    write_zip(made.tables, rows, out, schema.form_id, tempfile.TemporaryFile)
    with zipfile.ZipFile(out) as archive:
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
        }
