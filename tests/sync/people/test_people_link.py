"""One child in many lists is found again; twins and cousins of one name are left apart."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import combinations

import pytest
import registers

from forms.problems import Problem
from sync.people.dirt import Habits, lunar, without_marks
from sync.people.link import link
from sync.people.population import make
from sync.people.record import COLUMNS, read_csv, read_people

CHILD = {
    "id": "1",
    "name": "Nông Văn Thử",
    "birth": "2014-03-12",
    "sex": "male",
    "ward": "05977",
    "village": "05977.901",
    "mother": "Lương Thị Mẫu",
    "father": "Nông Văn Ví",
    "personal_id": "",
}


def linked(**other: str) -> bool:
    return bool(link(read_people([CHILD, {**CHILD, "id": "2", **other}])))


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"name": "Nong Van Thu", "mother": "Luong Thi Mau", "father": "Nong Van Vi"},
        {"birth": "2014"},
        {"birth": "12/03/2014"},
        {"birth": "2014-02-12"},
        {"birth": "2014-03-21"},
        {"name": "Nông Thử"},
        {"name": "Tèo"},
        {"name": "Nông Văn Thữ"},
        {"ward": "06187", "village": "06187.901"},
        {"ward": "", "village": "", "birth": "2014"},
        {"mother": "", "birth": "2014-03"},
        {"mother": "", "father": "", "sex": ""},
        {"mother": "", "father": "", "ward": "06187", "village": "06187.901"},
        {"name": "NÔNG VĂN THỬ", "mother": "LƯƠNG THỊ MẪU", "father": "NÔNG VĂN VÍ"},
        {"name": "  Nông  V.  Thử ", "mother": "L. T. Mẫu", "father": "Nông V. Ví"},
        {"name": "Nông Văn Thử", "mother": "Mẹ Tí", "father": "anh Ví"},
    ],
)
def test_the_same_child_is_found(other: dict[str, str]) -> None:
    assert linked(**other)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Nông Văn Bình"},
        {"name": "Nông Thị Bình", "sex": "female"},
        {"mother": "Hoàng Thị Khác", "father": "Nông Văn Khác"},
        {"mother": "Hoàng Thị Khác", "father": "Nông Văn Khác", "birth": "2014"},
        {"mother": "Hoàng Thị Khác", "father": "Nông Văn Khác", "birth": "2015-11-02"},
        {"birth": "2009-07-30"},
        {"name": "Nông Văn Hùng", "birth": "2014"},
        {"name": "N. V. Bình"},
    ],
    ids=[
        "twin",
        "twin of the other sex",
        "cousin",
        "cousin, year only",
        "cousin, other year",
        "older",
        "brother",
        "twin, abbreviated",
    ],
)
def test_another_child_is_left_apart(other: dict[str, str]) -> None:
    assert not linked(**other)


def test_a_personal_number_finds_what_else_is_lost() -> None:
    numbered = {**CHILD, "personal_id": "020214123456"}
    moved = {**numbered, "id": "2", "name": "Tí", "birth": "2014", "ward": "06187", "village": "06187.901"}
    (found,) = link(read_people([numbered, {**moved, "mother": "", "father": ""}]))
    assert "personal_id.same" in found.reasons
    assert found.score > 0.9


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("020214123465", "digits_swapped"),
        ("020214623451", "digits_swapped"),
        ("020214123457", "one_digit"),
        ("020214123477", "two_digits"),
        ("020214999456", "different"),
    ],
)
def test_a_number_is_compared_digit_by_digit(number: str, reason: str) -> None:
    from sync.people.score import _numbers

    assert _numbers("020214123456", number) == reason


def test_a_ward_code_without_its_zero_is_the_same_ward() -> None:
    short = {**CHILD, "ward": "5977", "village": "5977.901"}
    assert [p.ward for p in read_people([CHILD, short])] == ["5977", "5977"]


def test_other_numbers_are_other_children() -> None:
    one, other = {**CHILD, "personal_id": "020214123456"}, {**CHILD, "id": "2", "personal_id": "020214987001"}
    assert not link(read_people([one, {**other, "mother": "Hoàng Thị Khác"}]))


def test_a_call_name_that_fits_both_twins_links_to_neither() -> None:
    twin, called = {**CHILD, "id": "2", "name": "Nông Văn Bình"}, {**CHILD, "id": "3", "name": "Tí"}
    assert link(read_people([CHILD, twin, called])) == []


def test_precision_and_recall_on_a_small_population() -> None:
    population = make(households=700, rounds=2, seed=11)
    rows = defaultdict(list)
    for row_id, child in population.truth.items():
        rows[child].append(row_id)
    truth = {pair for ids in rows.values() for pair in combinations(sorted(ids), 2)}
    found = {tuple(sorted((one.a, one.b))) for one in link(read_people(population.rows))}
    assert len(found & truth) / len(found) >= 0.99
    assert len(found & truth) / len(truth) >= 0.95


def test_precision_and_recall_on_registers_made_otherwise() -> None:
    """Another way of inventing names and mistakes, so that the figures are not those of our own generator alone."""
    rows, truth = registers.make(1500, seed=3)
    found = {(min(one.a, one.b), max(one.a, one.b)) for one in link(read_people(rows))}
    assert len(found & truth) / len(found) >= 0.99
    assert len(found & truth) / len(truth) >= 0.98


def test_the_same_seed_gives_the_same_population() -> None:
    one, again, other = (make(households=50, rounds=3, seed=seed) for seed in (5, 5, 6))
    assert (one.rows, one.truth) == (again.rows, again.truth)
    assert one.rows != other.rows
    assert set(one.rounds.values()) == {1, 2, 3}


def test_life_without_mistakes_is_clean() -> None:
    clean = make(households=60, rounds=1, seed=5, habits=Habits().times(0))
    assert all(row["name"] != without_marks(row["name"]) or row["name"].isascii() for row in clean.rows)
    assert all(len(row["birth"]) == 10 for row in clean.rows)


def test_lunar_dates_are_near_the_real_ones() -> None:
    assert lunar(date(2014, 1, 31)) in {(2014, 1, 1), (2014, 1, 2), (2013, 12, 30)}
    assert lunar(date(2014, 9, 8))[1] in {8, 9}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,birth\nThử,2014\n", "R101"),
        ("id,name\n1,Thử\n,Mẫu\n", "R102"),
    ],
)
def test_a_broken_list_is_refused(text: str, problem: str) -> None:
    with pytest.raises(Problem) as told:
        read_csv(text.encode())
    assert told.value.kind.code == problem


def test_a_list_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(Problem) as told:
        read_csv(b"id,name\n1,\xff\xffx\n")
    assert told.value.kind.name == "children_csv_broken"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lists_as_spreadsheets_write_them(separator: str, encoding: str) -> None:
    lines = [separator.join(COLUMNS), separator.join(CHILD[name] for name in COLUMNS)]
    (person,) = read_csv("\r\n".join(lines).encode(encoding))
    assert (person.name.key, person.birth.year, person.sex) == ("nong van thu", 2014, "male")


def test_a_leading_zero_that_a_spreadsheet_took_is_put_back() -> None:
    numbered = {**CHILD, "personal_id": "20214123456"}
    assert read_people([numbered])[0].number == "020214123456"
