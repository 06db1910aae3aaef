"""Every invariant of the format, broken once; and templates that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from importlib import resources

import pytest

from exports.ministry import Snapshot, build, checks, load_template
from exports.ministry.cells import Cell, Sheet
from exports.ministry.template import Template, read_template
from forms.problems import Problem


def problem_of(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value


def with_child(made: Snapshot, place: int, **more: object) -> Snapshot:
    child = replace(made.children[place], **more)  # type: ignore[arg-type]
    return replace(made, children=(*made.children[:place], child, *made.children[place + 1 :]))


def with_job(made: Snapshot, **more: object) -> Snapshot:
    return replace(made, jobs=(replace(made.jobs[0], **more), *made.jobs[1:]))  # type: ignore[arg-type]


def with_cell(sheet: Sheet, at: int, column: str, value: Cell) -> Sheet:
    place = [one.id for one in sheet.columns].index(column)
    row = sheet.rows[at]
    changed = replace(row, cells=(*row.cells[:place], value, *row.cells[place + 1 :]))
    rows = list(sheet.rows)
    rows[at] = changed
    return replace(sheet, rows=tuple(rows))


def template_files() -> dict[str, str]:
    folder = resources.files("exports.ministry") / "templates" / "LSCL-MOH-1.0"
    return {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()}


def test_hours_of_jobs_must_add_up_to_the_week(made: Snapshot) -> None:
    problem = problem_of(lambda: build(with_job(made, hours_mon=6)))
    assert problem.kind.name == "export_hours_broken"
    assert problem.details == {"found": 26.5, "expected": 25.5, "child": "C01"}


def test_a_week_that_is_not_known_is_not_compared(made: Snapshot) -> None:
    assert build(with_child(made, 0, hours_week=None)).sheet("03").column("gio_tuan")[0] is None


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"place": "99"}, "noi_lam_viec"),
        ({"industry": "V", "industry_version": "2018"}, "vsic_ma"),
        ({"banned_jobs": ("III-70",)}, "ma_nguy_hai"),
    ],
)
def test_a_code_must_stand_in_its_list(made: Snapshot, more: dict[str, object], column: str) -> None:
    problem = problem_of(lambda: build(with_job(made, **more)))
    assert problem.kind.name == "export_code_unknown"
    assert problem.details["column"] == column


def test_an_industry_without_a_version_must_stand_in_some_version(made: Snapshot) -> None:
    assert build(with_job(made, industry_version=None)).sheet("04").column("vsic_phien_ban")[0] is None
    unknown = with_job(made, industry="X", industry_version=None)
    assert problem_of(lambda: build(unknown)).kind.name == "export_code_unknown"


def industries(snapshot: Snapshot) -> list[tuple[Cell, Cell]]:
    jobs = build(snapshot).sheet("04")
    return list(zip(jobs.column("vsic_ma"), jobs.column("vsic_phien_ban"), strict=True))


def one_job(made: Snapshot, code: str, version: str) -> Snapshot:
    job = replace(made.jobs[0], industry=code, industry_version=version, hours_sun=2)
    return replace(made, jobs=(job, *made.jobs[2:]))


def test_an_industry_is_given_in_the_version_of_the_childs_reference_date(made: Snapshot) -> None:
    """VSIC 2018 ended on 14/11/2025: T was households then, it is other services now."""
    old = with_child(one_job(made, "T", "2018"), 0, reference_date=date(2025, 11, 14))
    assert industries(old)[0] == ("T", "2018")
    late = one_job(made, "T", "2018")
    assert industries(late)[0] == ("U", "2025")
    asked_later = with_child(one_job(made, "U", "2025"), 0, reference_date=date(2024, 5, 6))
    assert industries(asked_later)[0] == ("T", "2018")
    told = build(asked_later).sheet("00")
    assert dict(zip(told.column("muc"), told.column("gia_tri"), strict=True))["vsic_2025_2018"] == 1


def test_a_section_that_became_two_keeps_its_own_version(made: Snapshot) -> None:
    assert industries(one_job(made, "J", "2018"))[0] == ("J", "2018")
    both = with_child(one_job(made, "K", "2025"), 0, reference_date=date(2024, 5, 6))
    assert industries(both)[0] == ("J", "2018")


def test_a_code_must_be_in_force_on_the_childs_reference_date(made: Snapshot) -> None:
    """A version that was not yet drawn up, and that answers to none, may not be given out."""
    early = with_child(with_job(made, occupation="5"), 0, reference_date=date(2020, 5, 6))
    assert problem_of(lambda: build(early)).kind.name == "export_code_unknown"


def test_findings_are_codes_with_their_details(made: Snapshot) -> None:
    assert build(with_child(made, 0, findings=("BANNED_PLACE:IV-4/FAM",)))
    for wrong in ("U99", "BANNED_PLACE:Q1"):
        problem = problem_of(partial(build, with_child(made, 0, findings=(wrong,))))
        assert problem.kind.name == "export_code_unknown"


def test_a_unit_must_be_in_sheet_01(made: Snapshot) -> None:
    home = replace(made.households[0], village="05977.999")
    wrong = replace(made, households=(home, *made.households[1:]))
    problem = problem_of(lambda: build(wrong))
    assert (problem.kind.name, problem.details["list"]) == ("export_code_unknown", "01_DonVi")


def test_an_odd_code_is_not_repeated_in_the_message(made: Snapshot) -> None:
    """A code that looks like an answer in words could be somebody's words."""
    problem = problem_of(lambda: build(with_job(made, place="Nhà bà Thử")))
    assert problem.details["value"] == "…"
    assert "Thử" not in problem.message("vi")


def test_a_label_needs_its_code(made: Snapshot) -> None:
    problem = problem_of(lambda: build(with_child(made, 0, support_needed=("77",))))
    assert problem.kind.name == "export_code_unknown"


@pytest.mark.parametrize(
    ("place", "more"),
    [
        (0, {"unlawful": False}),
        (2, {"unlawful": True}),
        (4, {"unlawful": True}),
        (8, {"unlawful": False}),
    ],
)
def test_lists_must_follow_the_class(made: Snapshot, place: int, more: dict[str, object]) -> None:
    problem = problem_of(lambda: build(with_child(made, place, **more)))
    assert problem.kind.name == "export_partition_broken"
    assert problem.details["count"] == 1


def test_a_child_in_a_list_but_not_in_03_is_found(made: Snapshot) -> None:
    book = build(made)
    fewer = replace(book.sheet("03"), rows=book.sheet("03").rows[1:])
    twice = replace(book.sheet("05"), rows=(*book.sheet("05").rows, book.sheet("05").rows[0]))
    for children, unlawful in ((fewer, book.sheet("05")), (book.sheet("03"), twice)):
        problem = problem_of(partial(checks.check_partition, children, unlawful, book.sheet("06")))
        assert problem.kind.name == "export_partition_broken"


@pytest.mark.parametrize(
    ("at", "column", "check"),
    [
        (-1, "tre_5_17", "classes"),
        (-1, "pl_unlawful", "classes"),
        (-1, "nam", "classes"),
        (0, "co_lam_viec", "rows"),
        (3, "so_ho_da_den", "rows"),
    ],
)
def test_sheet_07_must_sum_to_03_and_to_itself(made: Snapshot, at: int, column: str, check: str) -> None:
    book = build(made)
    totals = with_cell(book.sheet("07"), at, column, 77)

    def act() -> None:
        if check == "classes":
            checks.check_classes(book.sheet("03"), totals)
        checks.check_total_rows(totals)

    problem = problem_of(act)
    assert problem.kind.name == "export_totals_broken"


def test_classes_exchanged_in_07_are_found(made: Snapshot) -> None:
    book = build(made)
    totals = with_cell(with_cell(book.sheet("07"), -1, "pl_lawful", 2), -1, "pl_review", 0)
    problem = problem_of(lambda: checks.check_classes(book.sheet("03"), totals))
    assert problem.kind.name == "export_totals_broken"


def test_groups_of_sheet_08_must_sum_to_all_children(made: Snapshot) -> None:
    book = build(made)
    groups = with_cell(book.sheet("08"), -1, "mau_so", 5)
    problem = problem_of(lambda: checks.check_groups(book.sheet("03"), groups))
    assert problem.kind.name == "export_totals_broken"


def test_links_and_ids(made: Snapshot) -> None:
    broken = [
        replace(made, children=(*made.children, made.children[0])),
        replace(made, households=(*made.households, made.households[0])),
        replace(made, jobs=(*made.jobs, made.jobs[0])),
        replace(made, units=(*made.units, made.units[0])),
        replace(made, households=made.households[1:]),
        replace(made, children=made.children[1:]),
    ]
    for snapshot in broken:
        problem = problem_of(partial(build, snapshot))
        assert problem.kind.name == "export_link_broken"


def test_a_required_cell_must_not_be_empty(made: Snapshot) -> None:
    problem = problem_of(lambda: build(with_child(made, 2, class_="")))
    assert problem.kind.name == "export_required_missing"


@pytest.mark.parametrize(
    "more",
    [
        {"birth": "01/05/2012"},
        {"in_school": "yes"},
        {"hours_week": True},
        {"name": True},
        {"found_on": "2026-10-20"},
        {"risk_factors": 5},
        {"support_needed": 5},
    ],
)
def test_a_value_must_have_the_columns_type(made: Snapshot, more: dict[str, object]) -> None:
    place = 4 if "risk_factors" in more else 0
    assert problem_of(lambda: build(with_child(made, place, **more))).kind.name == "export_value_wrong"


def test_only_shipped_formats_can_be_asked_for() -> None:
    for name in ("LSCL-MOH/9.9", "../templates", "LSCL-MOH-1.0"):
        problem = problem_of(partial(load_template, name))
        assert problem.kind.name == "export_format_unknown"


def test_the_shipped_template_reads(made: Snapshot) -> None:
    template = read_template(template_files())
    assert template == load_template()
    assert template.status == "định dạng đề xuất LSCL-MOH/1.0"
    assert max(len(sheet.name) for sheet in template.sheets) <= 31


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("format.toml", "sheets = [", "sheets = ["),
        ("format.toml", '"02_Ho"', '"02_Khac"'),
        ("survey.toml", 'name = "02_Ho"', 'name = "02/Ho"'),
        ("survey.toml", 'id = "ma_ho"', 'id = "ma_phuong"'),
        ("survey.toml", 'list = "ket_qua"', 'list = "khong_co"'),
        ("survey.toml", 'type = "date"', 'type = "time"'),
        ("survey.toml", "width = 32", "breadth = 32"),
        ("codes-national.toml", '["01", "Kinh"]', '["02", "Kinh"]'),
        ("codes-national.toml", 'system = "vsco"', ""),
    ],
)
def test_a_broken_template_is_told(file: str, old: str, new: str) -> None:
    files = template_files()
    if old == new:
        del files["format.toml"]
    else:
        files[file] = files[file].replace(old, new)
        if new == 'name = "02/Ho"':
            files["format.toml"] = files["format.toml"].replace('"02_Ho"', '"02/Ho"')
    assert problem_of(lambda: read_template(files)).kind.name == "export_format_broken"


def test_an_office_can_rename_and_reorder_columns(made: Snapshot) -> None:
    """A new version of the format is data: no code changes."""
    files = template_files()
    files["survey.toml"] = files["survey.toml"].replace('label = "Mã trẻ"', 'label = "Mã số trẻ em"')
    book = build(made, read_template(files))
    assert book.sheet("03").columns[0].label == "Mã số trẻ em"


def test_a_column_needs_a_value_that_exists(made: Snapshot) -> None:
    files = template_files()
    files["survey.toml"] = files["survey.toml"].replace('source = "child.name"', 'source = "child.nickname"')
    template: Template = read_template(files)
    problem = problem_of(lambda: build(made, template))
    assert (problem.kind.name, problem.details["source"]) == ("export_source_unknown", "child.nickname")
