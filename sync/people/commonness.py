"""How much it says that two records share a name or a place: rare ones say much. Counted in the list itself. Pure.

Small lists lean on what is common in the country (half a page of round figures), large ones on themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log2

from sync.people.names import Name
from sync.people.record import Person

LEAN = 200
COMMON = {
    "nguyen": 0.25, "tran": 0.1, "le": 0.08, "hoang": 0.08, "pham": 0.06, "vu": 0.05, "nong": 0.05, "luong": 0.04,
    "be": 0.02, "dang": 0.03, "bui": 0.03, "do": 0.03, "ho": 0.02, "ngo": 0.02, "duong": 0.03, "ly": 0.04, "li": 0.04,
    "vi": 0.04, "chu": 0.02, "trieu": 0.03, "ha": 0.02, "thi": 0.4, "van": 0.35, "thu": 0.05, "minh": 0.04,
    "ngoc": 0.04, "duc": 0.04, "thanh": 0.04, "huu": 0.03, "quang": 0.03, "hong": 0.03, "anh": 0.03, "gia": 0.03,
}  # fmt: skip
RARE = 0.008
PLACE = {"ward": 0.25, "village": 0.02}
MOST = 16.0


class Commonness:
    """Bits that an agreement is worth, by column."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.size = 0
        self._first: Counter[str] = Counter()
        self._middle: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        self._whole: Counter[str] = Counter()
        self._written: Counter[str] = Counter()
        self._parents: Counter[str] = Counter()
        self._places: Counter[tuple[str, str]] = Counter()
        self.calls: frozenset[str] = frozenset()
        for person in people:
            self._count(person)

    def _count(self, person: Person) -> None:
        self.size += 1
        self._whole[person.name.key] += 1
        self._first[person.name.first] += 1
        self._given[person.name.given] += 1
        self._middle.update(person.name.middles)
        self._written.update(syllable.whole for syllable in person.name.syllables)
        for parent in (person.mother, person.father):
            self._parents[parent.key] += 1
        self._places["ward", person.ward] += 1
        self._places["village", person.village] += 1

    def name(self, one: Name, other: Name) -> float:
        """What it says that two children's names share these syllables; a whole common name says less."""
        shared = set(one.middles) & set(other.middles)
        bits = sum(self._bits(self._middle, middle) for middle in shared)
        if one.first == other.first and min(len(one.syllables), len(other.syllables)) > 1:
            bits += self._bits(self._first, one.first)
        if one.given == other.given:
            bits += self._bits(self._given, one.given)
        if one.key == other.key:
            bits = min(bits, self._whole_bits(self._whole, one.key, self.size) + 1)
        return min(bits, MOST)

    def parent(self, name: Name) -> float:
        return min(self._whole_bits(self._parents, name.key, 2 * self.size), 12.0)

    def place(self, column: str, code: str) -> float:
        expected = PLACE[column]
        return -log2((self._places[column, code] + LEAN * expected) / (self.size + LEAN))

    def learn_calls(self, clashes: Mapping[str, int]) -> None:
        """Given names that mostly turn up beside another name for a child born that day to those parents.

        Twins clash now and then; a call name nearly always does.
        """
        self.calls = frozenset(
            given for given, count in clashes.items() if count >= 3 and count >= 0.4 * self._given[given]
        )

    def established(self, written: str) -> bool:
        """Whether a syllable is a name in its own right here, rather than somebody's slip."""
        return self._written[written] > max(3, self.size // 4000)

    def _bits(self, counts: Counter[str], word: str) -> float:
        return -log2((counts[word] + LEAN * COMMON.get(word, RARE)) / (self.size + LEAN))

    @staticmethod
    def _whole_bits(counts: Counter[str], key: str, size: int) -> float:
        return -log2((counts[key] + LEAN * 0.001) / (size + LEAN))
