"""Vietnamese names as evidence: how two writings of a name agree, and how much that says. Pure.

A name is a line of syllables; which of them are family, middle and given name is not imposed: the first and the
last syllable weigh more than those between. Tone marks come and go, so a syllable is compared in three depths:
whole, without its tone ("hưng" of "hứng"), and folded ("hung").
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from rapidfuzz.distance import OSA

TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_TITLES = "bé cu thằng cái con em cháu út cậu cô mẹ bố ba má ông bà anh chị chú bác dì thím me bo ong chi bac"
TITLES = frozenset(unicodedata.normalize("NFC", _TITLES).split())
VOWELS = frozenset("aeiouy")
Level = Literal[
    "same", "marks_dropped", "tone_differs", "letter_differs", "middle_differs", "reordered", "nickname",
    "abbreviated", "misspelt", "different", "unknown",
]  # fmt: skip


@dataclass(frozen=True)
class Syllable:
    whole: str
    toneless: str
    bare: str
    cut: bool = False
    """Only the beginning of it was written: "Ng.", "V."."""

    @property
    def marked(self) -> bool:
        return self.whole != self.bare


@dataclass(frozen=True, eq=False)
class Name:
    """``key`` is the folded name; ``aliases`` are folded call names given in brackets or after a dash.

    ``titled``: it was a form of address and one name ("mẹ Tí", who may well be the mother of Tí).
    """

    syllables: tuple[Syllable, ...]
    key: str
    aliases: frozenset[str]
    titled: bool = False

    @property
    def given(self) -> str:
        return self.syllables[-1].bare if self.syllables else ""

    @property
    def first(self) -> str:
        return self.syllables[0].bare if self.syllables else ""

    @property
    def middles(self) -> tuple[str, ...]:
        return tuple(syllable.bare for syllable in self.syllables[1:-1])

    @property
    def short(self) -> str:
        """First and last syllable: what stays when middle names come and go."""
        return f"{self.first} {self.given}" if len(self.syllables) > 1 else self.given


@cache
def nicknames() -> tuple[frozenset[str], frozenset[str]]:
    """Call names of small children: as written with their marks, and folded where no ordinary name folds alike."""
    folder = resources.files("sync.people") / "data"
    words = unicodedata.normalize("NFC", (folder / "nicknames.txt").read_text(encoding="utf-8")).split()
    calls = [_syllable(word) for word in words]
    lists = tomllib.loads((folder / "invented.toml").read_text(encoding="utf-8"))
    ordinary = [_syllable(word.lower()) for word in (*lists["boys"], *lists["girls"])]
    whole = {call.whole for call in calls} - {name.whole for name in ordinary}
    return frozenset(whole), frozenset({call.bare for call in calls} - {name.bare for name in ordinary})


@lru_cache(maxsize=500_000)
def read_name(text: str) -> Name:
    """A name as it was written, whatever its form of Unicode, case and spacing."""
    text = unicodedata.normalize("NFC", text).lower()
    aliases = re.findall(r"[(\[](.*?)[)\]]", text)
    text, *dashed = re.split(r"\s[-–/]\s|,", re.sub(r"[(\[].*?[)\]]", " ", text), maxsplit=1)
    words = re.findall(r"([^\W\d_]+)(\.?)", text)
    called = words
    while len(called) > 1 and called[0][0] in TITLES:
        called = called[1:]
    titled = len(called) == 1 and len(words) > 1
    syllables = tuple(_written(word, bool(dot)) for word, dot in (called if titled else words))
    said = [re.findall(r"[^\W\d_]+", alias) for alias in [*aliases, *dashed]]
    return Name(
        syllables,
        " ".join(syllable.bare for syllable in syllables),
        frozenset(_syllable(alias[-1]).bare for alias in said if alias),
        titled,
    )


def _written(word: str, dotted: bool) -> Syllable:
    """A syllable, or its beginning alone: with a dot after it, or without any vowel."""
    made = _syllable(word)
    cut = dotted or not VOWELS.intersection(made.bare)
    return Syllable(made.whole, made.toneless, made.bare, True) if cut else made


@lru_cache(maxsize=50_000)
def _syllable(word: str) -> Syllable:
    letters = unicodedata.normalize("NFD", word)
    tones = [letter for letter in letters if letter in TONES]
    toneless = unicodedata.normalize("NFC", "".join(letter for letter in letters if letter not in TONES))
    bare = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn").replace("đ", "d")
    if len(bare) > 1 and bare[-1] == "y" and bare[-2] not in "aeou":  # Lý and Lí are one name
        bare, toneless = bare[:-1] + "i", toneless[:-1] + "i"
    # The tone at the end: "hoà" and "hòa" are one writing.
    return Syllable(toneless + "".join(tones), toneless, bare)


def compare(one: Name, other: Name) -> Level:
    """How two writings of a child's or parent's name agree."""
    if not one.syllables or not other.syllables:
        return "unknown"
    if one is other:
        return "same"
    if one.key == other.key:
        return _same_letters(one.syllables, other.syllables)
    if any(syllable.cut for syllable in (*one.syllables, *other.syllables)) and _completes(one, other):
        return "abbreviated"
    if one.given == other.given and (
        one.first == other.first or 1 in (len(one.syllables), len(other.syllables))
    ):
        given = _same_letters(one.syllables[-1:], other.syllables[-1:])
        return "middle_differs" if given in ("same", "marks_dropped", "tone_differs") else given
    if len(one.syllables) > 1 and Counter(one.key.split()) == Counter(other.key.split()):
        return "reordered"
    if _called(one, other) or _called(other, one):
        return "nickname"
    if _misspelt(one, other):
        return "misspelt"
    return "different"


def middles_clash(one: Name, other: Name) -> bool:
    """Whether both have middle names and neither's are among the other's."""
    first, second = set(one.middles), set(other.middles)
    return bool(first and second) and not (first <= second or second <= first)


def _same_letters(ones: tuple[Syllable, ...], others: tuple[Syllable, ...]) -> Level:
    """Between names that fold alike: what happened to the marks."""
    pairs = list(zip(ones, others, strict=True))
    if all(one.whole == other.whole for one, other in pairs):
        return "same"
    if not any(one.marked for one in ones) or not any(other.marked for other in others):
        return "marks_dropped"
    changed = [pair for pair in pairs if pair[0].whole != pair[1].whole]
    if all(not one.marked or not other.marked for one, other in changed):
        return "marks_dropped"
    return (
        "tone_differs" if all(one.toneless == other.toneless for one, other in changed) else "letter_differs"
    )


def _completes(one: Name, other: Name) -> bool:
    """Whether what was cut short in either name is the beginning of what the other has; middle names may be missing."""
    ones, others = (
        (one.syllables, other.syllables)
        if len(one.syllables) <= len(other.syllables)
        else (other.syllables, one.syllables)
    )
    if not ones or len(ones) < min(2, len(others)) or ones[-1].cut or others[-1].cut:
        return False
    middles = iter(others[1:-1])
    return (
        ones[-1].bare == others[-1].bare
        and _begins(ones[0], others[0])
        and all(any(_begins(middle, whole) for whole in middles) for middle in ones[1:-1])
    )


def _begins(one: Syllable, other: Syllable) -> bool:
    if one.cut and other.bare.startswith(one.bare):
        return True
    return one.bare == other.bare or (other.cut and one.bare.startswith(other.bare))


def _called(one: Name, other: Name) -> bool:
    """Whether ``one`` may be a call name for ``other``."""
    if one.given in other.aliases:
        return True
    family = len(one.syllables) < 2 or len(other.syllables) < 2 or one.first == other.first
    return family and _is_call(one.syllables[-1])


def _is_call(syllable: Syllable) -> bool:
    whole, bare = nicknames()
    return syllable.whole in whole or (not syllable.marked and syllable.bare in bare)


def _misspelt(one: Name, other: Name) -> bool:
    """One slip of the finger in the whole name, in a syllable that is not too short to tell."""
    if len(one.key) < 6 or OSA.distance(one.key, other.key, score_cutoff=1) > 1:
        return False
    if len(one.syllables) != len(other.syllables):
        return True
    pairs = zip(one.syllables, other.syllables, strict=True)
    return all(min(len(a.bare), len(b.bare)) >= 2 for a, b in pairs if a.bare != b.bare)
