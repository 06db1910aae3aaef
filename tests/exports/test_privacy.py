"""Suppression against the strongest reader: one who tries every population that fits what is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations_with_replacement, product

from hypothesis import given, settings
from hypothesis import strategies as st

from exports.privacy import Key, People, Traits, age_band, common_rows, round_position, suppress

WARDS, SEXES, CLASSES = ("A", "B"), ("nam", "nữ"), ("x", "y")
EVERY_KIND = list(product(WARDS, SEXES, CLASSES))
LEAST = 3  # small, so that every population can be tried


def counted_in(traits: Traits) -> frozenset[Key]:
    """Counts by ward and class, by sex and class, all totals, and one nobody publishes."""
    ward, sex, class_ = traits
    return frozenset(
        {
            ("all",),
            ("ward", ward),
            ("sex", sex),
            ("class", class_),
            ("ward", ward, class_),
            ("sex", sex, class_),
            ("unpublished", ward, sex),
        }
    )


PUBLISHED = frozenset(key for kind in EVERY_KIND for key in counted_in(kind) if key[0] != "unpublished")


def counts_of(population: list[Traits]) -> Counter[Key]:
    return Counter(key for traits in population for key in counted_in(traits))


def everybody_open(population: Sequence[Traits]) -> People:
    kinds = set(population)
    return People(Counter(population), counted_in, [kinds] * 3, kinds)


def populations(size: int) -> list[Counter[Key]]:
    return [counts_of(list(some)) for some in combinations_with_replacement(EVERY_KIND, size)]


BY_SIZE = {size: populations(size) for size in range(8)}


def explaining(shown: dict[Key, int]) -> list[Counter[Key]]:
    """Every population of up to 7 people that gives the published counts."""
    return [
        counts
        for size in BY_SIZE
        for counts in BY_SIZE[size]
        if all(counts[key] == count for key, count in shown.items())
    ]


@given(st.lists(st.sampled_from(EVERY_KIND), max_size=6))
@settings(max_examples=150, deadline=None)
def test_no_small_count_can_be_worked_out(population: list[Traits]) -> None:
    counts = counts_of(population)
    found = suppress(everybody_open(population), PUBLISHED, LEAST)
    shown = {key: counts[key] for key in PUBLISHED - found.hidden}
    assert not found.give_way
    assert all(count >= LEAST for count in shown.values())
    possible = explaining(shown)
    for key, count in counts.items():
        if count < LEAST:
            assert len({other[key] for other in possible}) > 1, (key, shown)


@given(st.lists(st.sampled_from(EVERY_KIND), max_size=6))
@settings(max_examples=150, deadline=None)
def test_published_rows_that_would_tell_must_give_way(population: list[Traits]) -> None:
    """A reader also sees the rows of some people, and knows all about them."""
    proved = set(population[::2])
    kinds = set(population)
    while True:
        free = kinds - proved
        people = People(Counter(population), counted_in, [free] * 3, free)
        found = suppress(people, PUBLISHED, LEAST)
        if not found.give_way:
            break
        assert found.give_way <= proved
        proved -= found.give_way
    counts = counts_of(population)
    shown = {key: counts[key] for key in PUBLISHED - found.hidden}
    rows = Counter(traits for traits in population if traits in proved)
    floors = Counter(key for traits in rows.elements() for key in counted_in(traits))
    possible = [other for other in explaining(shown) if all(other[key] >= floors[key] for key in floors)]
    for key, count in counts.items():
        if count < LEAST:
            assert len({other[key] for other in possible}) > 1, (key, shown)


def test_large_counts_stay() -> None:
    population = [kind for kind in EVERY_KIND for _ in range(9)]
    assert suppress(everybody_open(population), PUBLISHED).hidden == frozenset()


def test_one_small_count_takes_few_others_along() -> None:
    """Two wards, two classes: the classic square, and nothing else."""
    population = [kind for kind in EVERY_KIND for _ in range(9)]
    population = [kind for kind in population if kind != ("A", "nam", "x")][:-1] + [("A", "nam", "x")] * 2
    population = [kind for kind in population if kind != ("A", "nữ", "x")] + [("A", "nữ", "x")]
    hidden = suppress(everybody_open(population), PUBLISHED).hidden
    assert ("ward", "A", "x") in hidden
    assert not hidden & {("all",), ("ward", "A"), ("ward", "B"), ("sex", "nam"), ("class", "y")}


def test_it_is_the_same_whatever_the_order() -> None:
    population = [EVERY_KIND[place % 7] for place in range(0, 60, 3)]
    assert suppress(everybody_open(population), PUBLISHED) == suppress(
        everybody_open(population[::-1]), PUBLISHED
    )


def test_nobody_is_easily_hidden() -> None:
    assert suppress(everybody_open([]), PUBLISHED).hidden == PUBLISHED


@given(st.lists(st.integers(0, 6)), st.integers(2, 6))
def test_shown_rows_stand_often_enough_and_the_missing_are_not_few(rows: list[int], least: int) -> None:
    shown = common_rows(rows, least)
    kept = Counter(row for row, show in zip(rows, shown, strict=True) if show)
    assert all(count >= least for count in kept.values())
    missing = len(rows) - kept.total()
    assert missing == 0 or missing >= least or not kept


@given(st.integers(0, 215), st.integers(0, 12))
def test_a_band_is_known_when_both_ends_lie_in_it(youngest: int, width: int) -> None:
    bands = ((0, 156, "a"), (156, 180, "b"), (180, 216, "c"))
    oldest = youngest + width
    found = age_band(youngest, oldest, bands)
    ends = {name for start, end, name in bands for age in (youngest, oldest) if start <= age < end}
    assert found == (ends.pop() if len(ends) == 1 and oldest < 216 else None)


def test_unknown_stays_unknown() -> None:
    assert age_band(None, 3, ((0, 9, "a"),)) is None
    assert round_position(None) is None
    assert round_position(106.76149) == 106.761
