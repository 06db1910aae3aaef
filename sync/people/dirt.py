"""What interviewers write down: names without marks, call names, years only, lunar dates, swapped digits. Pure.

Every habit has a rate; ``Habits()`` is an ordinary survey, ``Habits().times(2)`` a bad one.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib import resources
from random import Random

TONES = "\u0300\u0301\u0303\u0309\u0323"
NEW_MOON = date(2000, 1, 6).toordinal() + 0.76
MONTH = 29.530588853


@dataclass(frozen=True)
class Habits:
    """How often each thing happens to a record."""

    marks_dropped: float = 0.1
    tone_swapped: float = 0.05
    decomposed: float = 0.15
    middle_missing: float = 0.05
    middle_swapped: float = 0.02
    nickname: float = 0.025
    year_only: float = 0.07
    month_only: float = 0.03
    lunar: float = 0.03
    digits_swapped: float = 0.02
    local_writing: float = 0.2
    parent_missing: float = 0.08
    parent_shortened: float = 0.04
    sex_wrong: float = 0.003
    cell_missing: float = 0.01
    number_known: float = 0.45
    number_swapped: float = 0.03

    def times(self, factor: float) -> Habits:
        """All mistakes more or less often; how many personal numbers are known stays."""
        rates = {entry.name: min(0.9, getattr(self, entry.name) * factor) for entry in fields(self)}
        return Habits(**{**rates, "number_known": self.number_known})


def written(random: Random, facts: dict[str, str], habits: Habits) -> dict[str, str]:
    """One child's facts as somebody wrote them."""
    row = dict(facts)
    row["name"] = _child_name(random, row["name"], habits)
    row["birth"] = _birth(random, date.fromisoformat(row["birth"]), habits)
    for parent in ("mother", "father"):
        row[parent] = _parent(random, row[parent], habits)
    row["personal_id"] = _number(random, row["personal_id"], habits)
    if random.random() < habits.sex_wrong:
        row["sex"] = "female" if row["sex"] == "male" else "male"
    for column in ("sex", "ward", "village", "birth"):
        if random.random() < habits.cell_missing:
            row[column] = ""
    if random.random() < habits.marks_dropped:
        row |= {column: without_marks(row[column]) for column in ("name", "mother", "father")}
    if random.random() < habits.decomposed:
        row = {column: unicodedata.normalize("NFD", text) for column, text in row.items()}
    return row


def without_marks(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


def tone_swapped(random: Random, name: str) -> str:
    """One syllable that has a tone gets another one, or loses it."""
    words = [unicodedata.normalize("NFD", word) for word in name.split()]
    toned = [place for place, word in enumerate(words) if any(letter in TONES for letter in word)]
    if toned:
        place = random.choice(toned)
        tone = random.choice(("", *TONES))
        words[place] = "".join(tone if letter in TONES else letter for letter in words[place])
    return unicodedata.normalize("NFC", " ".join(words))


def lunar(day: date) -> tuple[int, int, int]:
    """The lunar year, month and day by mean new moons: near enough for a mistake (leap months are counted on)."""
    moons = int((day.toordinal() - NEW_MOON) // MONTH)
    tet = _tet(day.year)
    year = day.year if moons >= tet else day.year - 1
    month = moons - _tet(year) + 1
    first = int(NEW_MOON + moons * MONTH)
    return year, min(max(month, 1), 12), min(day.toordinal() - first + 1, 30)


def _tet(year: int) -> int:
    """The number of the new moon that opens a lunar year: the last before 20 February."""
    return int((date(year, 2, 20).toordinal() - NEW_MOON) // MONTH)


def _child_name(random: Random, name: str, habits: Habits) -> str:
    family, *middles, given = name.split()
    if random.random() < habits.nickname:
        call = random.choice(_calls())
        return random.choice((call, f"{family} {call}", f"Bé {call}", f"{name} ({call})", f"{family} {call}"))
    if middles and random.random() < habits.middle_missing:
        middles = middles[1:]
    if random.random() < habits.middle_swapped:
        middles, given = (middles[::-1], given) if len(middles) > 1 else ([given], (middles or [given])[0])
    name = " ".join([family, *middles, given])
    return tone_swapped(random, name) if random.random() < habits.tone_swapped else name


@cache
def _calls() -> list[str]:
    text = (resources.files("sync.people") / "data" / "nicknames.txt").read_text(encoding="utf-8")
    return [word.capitalize() for word in text.split()]


def _parent(random: Random, name: str, habits: Habits) -> str:
    if random.random() < habits.parent_missing:
        return ""
    words = name.split()
    if random.random() < habits.parent_shortened and len(words) > 2:
        name = " ".join([words[0], words[-1]])
    return tone_swapped(random, name) if random.random() < habits.tone_swapped else name


def _birth(random: Random, born: date, habits: Habits) -> str:
    if random.random() < habits.year_only:
        return random.choice((f"{born.year}", f"{born.year}", f"{born.year}-01-01"))
    if random.random() < habits.month_only:
        return f"{born.year}-{born.month:02}"
    year, month, day = born.year, born.month, born.day
    if random.random() < habits.lunar:
        year, month, day = lunar(born)
    if random.random() < habits.digits_swapped:
        month, day = _digits_swapped(random, month, day)
    if random.random() < habits.local_writing:
        return f"{day:02}/{month:02}/{year}"
    return f"{year}-{month:02}-{day:02}"


def _digits_swapped(random: Random, month: int, day: int) -> tuple[int, int]:
    """Day and month changed places, or the digits of the day did, where that is still a date."""
    turned = day % 10 * 10 + day // 10
    choices = [(day, month)] if day <= 12 else []
    choices += [(month, turned)] if 1 <= turned <= 28 else []
    return random.choice(choices) if choices else (month, max(1, day - 1))


def _number(random: Random, number: str, habits: Habits) -> str:
    if random.random() >= habits.number_known:
        return ""
    if random.random() < habits.number_swapped:
        place = random.randrange(6, 11)
        number = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    return number
