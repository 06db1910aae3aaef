"""Every field lesson of lint: a form that goes against it is warned, with sheet and row; the cure silences it."""

from __future__ import annotations

import pytest

from forms.publish import publish

FORM = """| survey |
| | type | name | label::Tiếng Việt (vi) | calculation | relevant | appearance | parameters | media::image |
{survey}
{choices}| settings |
| | form_id | version |
| | thu | 1 |
{more}"""
LIST = "| choices |\n| | list_name | name | label::Tiếng Việt (vi) |\n{rows}\n"
PEOPLE = """| | begin repeat | nguoi | Người | | | | | |
| | integer | tuoi | Tuổi | | | | | |
| | end repeat | | | | | | | |"""
WORK = """| | begin repeat | viec | Việc | | | | | |
| | integer | gio | Giờ | {gio} | | | | |
| | end repeat | | | | | | | |"""


def form(survey: str, choices: str = "", more: str = "") -> bytes:
    return FORM.format(survey=survey.strip("\n"), choices=choices, more=more).encode()


def told(source: bytes) -> list[tuple[str, str]]:
    return [
        (problem.kind.name, problem.where)
        for problem in publish(source, "thu.md").warnings
        if problem.kind.name.startswith("lint_")
    ]


def entity(create: str, entity_id: str) -> str:
    header = "| | list_name | label | entity_id | create_if | update_if |"
    return f"| entities |\n{header}\n| | tre | ${{ten}} | {entity_id} | {create} | ${{biet}} != '' |\n"


NAMED = """| | text | biet | Mã | | | | | |
| | text | ten | Tên | | | | | |
| | calculate | ma | | coalesce(${biet}, once(uuid())) | | | | |"""

CASES = {
    "lint_indexed_repeat": (
        form(f"{PEOPLE}\n{WORK.format(gio='indexed-repeat(${tuoi}, ${nguoi}, position(..))')}"),
        [("lint_indexed_repeat", "survey, hàng 6")],
        form(f"{PEOPLE}\n{WORK.format(gio='8')}"),
    ),
    "lint_bare_sum": (
        form(f"{PEOPLE}\n| | calculate | tong | | sum(${{tuoi}}) | | | | |"),
        [("lint_bare_sum", "survey, hàng 5")],
        form(f"{PEOPLE}\n| | calculate | tong | | sum(${{tuoi}}[. != '']) | | | | |"),
    ),
    "lint_decimal_date_time": (
        form("| | date | d | Ngày | | | | | |\n| | calculate | n | | decimal-date-time(${d}) | | | | |"),
        [("lint_decimal_date_time", "survey, hàng 3")],
        form("| | date | d | Ngày | | | | | |\n| | calculate | n | | format-date(${d}, '%Y') | | | | |"),
    ),
    "lint_appearance": (
        form("| | text | q | Câu | | | printer:org.example | | |"),
        [("lint_appearance", "survey, hàng 2")],
        form("| | text | q | Câu | | | multiline w2 | | |"),
    ),
    "lint_audit": (
        form("| | audit | audit | | | | | track-changes=true | |\n| | text | q | Câu | | | | | |"),
        [("lint_audit", "survey, hàng 2")],
        form("| | audit | audit | | | | | | |\n| | text | q | Câu | | | | | |"),
    ),
    "lint_photo_size": (
        form("| | image | anh | Ảnh | | | | | |"),
        [("lint_photo_size", "survey, hàng 2")],
        form("| | image | anh | Ảnh | | | | max-pixels=1600 | |"),
    ),
    "lint_long_list": (
        form(
            "| | select_one xa | q | Xã | | | | | |",
            LIST.format(rows="\n".join(f"| | xa | {number} | Xã {number} |" for number in range(2_001))),
        ),
        [("lint_long_list", "")],
        form(
            "| | select_one xa | q | Xã | | | | | |",
            LIST.format(rows="\n".join(f"| | xa | {number} | Xã {number} |" for number in range(2_000))),
        ),
    ),
    "lint_no_vietnamese": (
        form("| | text | q | | | | | | |".replace("| q | |", "| q | - |")),
        [("lint_no_vietnamese", "survey, hàng 2")],
        form("| | text | q | Câu | | | | | |"),
    ),
    "lint_same_name_file": (
        form("| | select_one_from_file Thu.xml | q | Câu | | | | | |"),
        [("lint_same_name_file", "")],
        form("| | select_one_from_file danh_sach.xml | q | Câu | | | | | |"),
    ),
    "lint_entity_id": (
        form(NAMED, more=entity("${biet} = ''", "${biet}")),
        [("lint_entity_id", "entities")],
        form(NAMED, more=entity("${biet} = ''", "${ma}")),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_form_that_goes_against_a_lesson_is_warned_where_and_the_cure_silences_it(name: str) -> None:
    wrong, expected, cured = CASES[name]
    assert told(wrong) == expected
    assert told(cured) == []
    for problem in publish(wrong, "thu.md").warnings:
        assert problem.kind.status == 200
        assert "?" not in problem.message("vi") + problem.message("en") + problem.advice("vi")


def test_a_form_in_another_language_only_is_told_once() -> None:
    english = form("| | text | q | Q | | | | | |").replace("Tiếng Việt (vi)".encode(), b"English (en)")
    assert told(english) == [("lint_no_vietnamese", "")]
    partly = form("| | select_one a | q | Câu | | | | | |", LIST.format(rows="| | a | 1 | - |"))
    assert told(partly) == [("lint_no_vietnamese", "choices")]


def test_the_other_repeat_by_its_number_is_the_same_mistake() -> None:
    by_position = WORK.format(gio="/data/nguoi[position() = 1]/tuoi")
    assert told(form(f"{PEOPLE}\n{by_position}")) == [("lint_indexed_repeat", "survey, hàng 6")]
