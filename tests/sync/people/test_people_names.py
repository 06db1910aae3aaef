"""How names and birth dates agree, case by case as an officer would say it."""

from __future__ import annotations

import unicodedata

import pytest

from sync.people import births, names
from sync.people.births import Birth, read_birth
from sync.people.names import read_name


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Nông Văn Thử", "nông  văn thử", "same"),
        ("Nông Văn Thử", unicodedata.normalize("NFD", "NÔNG VĂN THỬ"), "same"),
        ("Lương Thị Hoà", "Lương Thị Hòa", "same"),
        ("Đặng Thị Mỹ", "Dang Thi My", "marks_dropped"),
        ("Lý Văn Hùng", "Lí Văn Hùng", "same"),
        ("Vi Văn Hùng", "Vi Văn Húng", "tone_differs"),
        ("Vi Văn Hùng", "Vi Văn Hưng", "letter_differs"),
        ("Vi Thị Thu Mẫu", "Vi Thu Mẫu", "middle_differs"),
        ("Vi Thị Mẫu", "Vi Mẫu", "middle_differs"),
        ("Vi Thị Thu Hà", "Vi Thu Thị Hà", "middle_differs"),
        ("Vi Thu Hà", "Vi Hà Thu", "reordered"),
        ("Nông Văn Thử", "Tí", "nickname"),
        ("Nông Văn Thử", "Nông Tèo", "nickname"),
        ("Nông Văn Thử", "Bé Sóc", "nickname"),
        ("Bé Thử", "Nông Văn Thử", "middle_differs"),
        ("Nông Văn Thử (Lùn)", "Nông Lùn", "nickname"),
        ("Nông Văn Thuận", "Nông Văn Thuaanj", "different"),
        ("Nông Văn Thuận", "Nông Văn Thuạn", "letter_differs"),
        ("Nông Văn Quyết", "Nông Văn Quết", "misspelt"),
        ("Nông Văn An", "Nông Văn Bình", "different"),
        ("Nông Thị Ngân", "Nông Thị Oanh", "different"),
        ("", "Nông Văn An", "unknown"),
    ],
)
def test_names(one: str, other: str, level: str) -> None:
    assert names.compare(read_name(one), read_name(other)) == level
    assert names.compare(read_name(other), read_name(one)) == level


def test_a_family_name_is_no_title() -> None:
    assert read_name("Bế Văn Thử").first == "be"
    assert read_name("Bé Thử").titled


def test_middle_names_clash() -> None:
    assert names.middles_clash(read_name("Vi Văn Thử"), read_name("Vi Đức Thử"))
    assert not names.middles_clash(read_name("Vi Văn Đức Thử"), read_name("Vi Đức Thử"))
    assert not names.middles_clash(read_name("Vi Thử"), read_name("Vi Đức Thử"))


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("2014-03-12", Birth(2014, 3, 12)),
        ("12/03/2014", Birth(2014, 3, 12)),
        ("12.3.2014", Birth(2014, 3, 12)),
        ("2014/03/12", Birth(2014, 3, 12)),
        ("20140312", Birth(2014, 3, 12)),
        ("12032014", Birth(2014, 3, 12)),
        ("2014-03", Birth(2014, 3)),
        ("3/2014", Birth(2014, 3)),
        ("2014", Birth(2014)),
        ("2014-02-30", Birth(2014, 2, 30)),
        ("2014-25-03", Birth(2014, 3, 25)),
        ("khoảng 2014", Birth(2014)),
        ("không rõ", Birth()),
        ("12/3/14", Birth()),
        ("", Birth()),
    ],
)
def test_birth_is_read_as_far_as_it_is_known(text: str, birth: Birth) -> None:
    assert read_birth(text) == birth


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("2014-03-12", "12/03/2014", "same"),
        ("2014-03-12", "2014-03", "month_same"),
        ("2014-03-12", "2014", "year_same"),
        ("2014-03-12", "2014-01-01", "year_same"),
        ("2014-03-12", "2014-12-03", "day_month_swapped"),
        ("2014-03-12", "2014-03-21", "digits_swapped"),
        ("2014-03-12", "2014-03-13", "one_digit"),
        ("2014-03-12", "2014-02-01", "lunar"),
        ("2014-03-12", "2014-11-27", "other_day"),
        ("2014-03-12", "2015", "year_beside"),
        ("2014-03-12", "2011-07-04", "different"),
        ("2014-03-12", "", "unknown"),
    ],
)
def test_births(one: str, other: str, level: str) -> None:
    assert births.compare(read_birth(one), read_birth(other)) == level
    assert births.compare(read_birth(other), read_birth(one)) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Ng. Văn An", "Nguyễn Văn An", "abbreviated"),
        ("Ng Thị Mai", "NGUYỄN THỊ MAI", "abbreviated"),
        ("N.V.An", "Nguyễn Văn An", "abbreviated"),
        ("Ng. An", "Nguyễn Văn An", "abbreviated"),
        ("Nguyễn Đ. An", "Nguyễn Văn An", "middle_differs"),
        ("Tr. Văn An", "Nguyễn Văn An", "different"),
        ("Nguyễn Văn A.", "Nguyễn Văn Bình", "different"),
        ("mẹ cu Tí", "Tí", "same"),
    ],
)
def test_what_is_cut_short_is_the_beginning_of_the_whole(one: str, other: str, level: str) -> None:
    assert names.compare(read_name(one), read_name(other)) == level
