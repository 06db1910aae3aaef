"""Which pairs are worth a look: records that share one of several keys. Pure.

Every key survives some of what goes wrong: a number without name, a name without date, a date without name. Keys
shared by very many records say nothing and are left to the narrower keys beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from sync.people.record import Person

WIDEST = 80


def pairs(people: Sequence[Person], widest: int = WIDEST) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Pairs of positions, smaller first, each once, in order."""
    blocks: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, person in enumerate(people):
        for key in keys(person):
            blocks[key].append(position)
    size = len(people)
    chunks = [np.empty(0, dtype=np.int64)]
    for members in blocks.values():
        if 1 < len(members) <= widest:
            block = np.array(members, dtype=np.int64)
            first, second = np.triu_indices(len(block), 1)
            chunks.append(block[first] * size + block[second])
    found = np.unique(np.concatenate(chunks))
    return np.stack([found // max(size, 1), found % max(size, 1)], axis=1)


def keys(person: Person) -> Iterator[tuple[str, ...]]:
    """The keys of one record; each names its kind first."""
    name, birth = person.name, person.birth
    year = str(birth.year) if birth.year else ""
    if person.number:
        yield "number", person.number
        yield "number-digits", "".join(sorted(person.number)), name.given
    words = " ".join(sorted(name.key.split()))
    parents = [(word, parent) for word, parent in (("m", person.mother), ("f", person.father)) if parent.key]
    if words:
        yield "name-year", words, year
        yield "name-village", words, person.ward, person.village
        yield "short-place-year", name.short, person.village or person.ward, year
    for word, parent in parents:
        if name.given:
            yield "given-" + word, name.given, parent.short
            yield "given-year-" + word, name.given, parent.short, year
            yield "given-whole-" + word, name.given, parent.key
            yield "given-whole-year-" + word, name.given, parent.key, year
        if birth.month:
            yield "birth-" + word, birth.digits, parent.key
        yield "year-" + word, year, parent.key, person.village
    if len(parents) == 2:
        yield "parents", person.mother.key, person.father.key
    if birth.full:
        yield "birth-short", birth.digits, name.short
        yield "birth-given", birth.digits, name.given
        yield "birth-village", birth.digits, person.ward, person.village
        yield "digits-short", "".join(sorted(birth.digits)), name.short
