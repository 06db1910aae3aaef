"""What keeps people out of published files: coarser values, no rare rows, no small counts that can be worked out.

Pure functions over plain numbers and tuples; nothing here knows a sheet or a child.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LEAST = 5  # the smallest count that may be read off a published file

Key = tuple[Hashable, ...]  # names one count
Traits = tuple[Hashable, ...]  # what the counts ask of one person: sex, place, class …


def age_band(youngest: int | None, oldest: int | None, bands: Sequence[tuple[int, int, str]]) -> str | None:
    """The band ``(from month, before month, name)`` that holds both ends of an age in months."""
    if youngest is None or oldest is None:
        return None
    for start, end, name in bands:
        if start <= youngest and oldest < end:
            return name
    return None


def round_position(degrees: float | None) -> float | None:
    """Three decimals, about 100 m."""
    return None if degrees is None else round(degrees, 3)


def common_rows(rows: Sequence[Hashable], least: int = LEAST) -> list[bool]:
    """Which rows may be shown: those that stand at least ``least`` times, word for word.

    Where 1 to ``least - 1`` rows would be held back, the rarest of the shown ones are held back too: else the
    number of missing rows would itself be a small count.
    """
    times = Counter(rows)
    shown = {row for row, count in times.items() if count >= least}
    while shown and 0 < sum(count for row, count in times.items() if row not in shown) < least:
        shown.discard(min(shown, key=lambda row: (times[row], repr(row))))
    return [row in shown for row in rows]


@dataclass(frozen=True)
class People:
    """A population as the counts see it: how many people have which traits, and in which counts they stand."""

    number: Mapping[Traits, int]
    counted_in: Callable[[Traits], frozenset[Key]]
    # By trait: whose value no published row proves, so that it could be another one.
    open: Sequence[Collection[Traits]]
    unproved: Collection[Traits]  # whom no published row shows at all

    def counts(self) -> Counter[Key]:
        """Every count that is not 0."""
        counts: Counter[Key] = Counter()
        for traits, number in self.number.items():
            for key in self.counted_in(traits):
                counts[key] += number
        return counts


@dataclass(frozen=True)
class Suppression:
    """The published counts to hide, and the people whose published rows must go for that to be enough."""

    hidden: frozenset[Key]
    give_way: frozenset[Traits]


def suppress(people: People, published: Collection[Key], least: int = LEAST) -> Suppression:
    """What to hide so that no count under ``least`` can be read or worked out from what is published.

    Every published count under ``least`` is hidden, 0 too, so that a hidden count says nothing. Then, for every
    count of 1 to ``least - 1`` (also one that is not published but could be worked out, like those who do not
    work), a second population is made in which that count is different: two people exchange a trait, one has
    another value, or one is not there. All counts that differ between the two are hidden, so a reader cannot
    tell the two populations apart. Where published rows leave no room for one, they must give way: hold them
    back and ask again, until nobody has to give way.
    """
    counts = people.counts()
    release = _Release(people, counts, set(published), {key for key in published if counts[key] < least})
    small = (key for key, count in counts.items() if count < least)
    for key in sorted(small, key=lambda key: (counts[key], repr(key))):
        if key not in release.safe:
            release.protect(key)
    return Suppression(frozenset(release.hidden), frozenset(release.give_way))


_NEAREST = 12  # how many partners for an exchange are tried: those who differ least


@dataclass(frozen=True)
class _Change:
    """The counts that differ in a population one step away, and the people whose published rows speak against it."""

    keys: frozenset[Key]
    against: frozenset[Traits] = frozenset()


@dataclass
class _Release:
    """What has been hidden so far, and which counts are safe because another population explains the rest."""

    people: People
    counts: Counter[Key]
    published: set[Key]
    hidden: set[Key]
    safe: set[Key] = field(default_factory=set)
    give_way: set[Traits] = field(default_factory=set)

    def protect(self, key: Key) -> None:
        """Hide what the cheapest second population with another value of this count would change."""
        best = min((change for change in self._changes(key) if key in change.keys), key=self._cost)
        self.hidden |= best.keys & self.published
        self.safe |= best.keys
        self.give_way |= best.against

    def _cost(self, change: _Change) -> tuple[int, int, list[str]]:
        """Rows kept first, then few more hidden counts, and rather small ones."""
        more = change.keys & self.published - self.hidden
        return (
            len(change.against - self.give_way),
            sum(self.counts[key].bit_length() for key in more),
            sorted(map(repr, more)),
        )

    def _changes(self, key: Key) -> Iterator[_Change]:
        """The populations one step away from this one, by a person who stands in that count."""
        for one in sorted(self.people.number, key=repr):
            if key in self.people.counted_in(one):
                for place in range(len(one)):
                    yield from self._exchanges(one, place)
                    yield from self._other_values(one, place)
                proved = frozenset[Traits]() if one in self.people.unproved else frozenset({one})
                yield _Change(self.people.counted_in(one), proved)

    def _exchanges(self, one: Traits, place: int) -> Iterator[_Change]:
        free = self.people.open[place]
        others = [other for other in self.people.number if other[place] != one[place]]
        others.sort(key=lambda other: (other not in free, _distance(one, other), repr(other)))
        for other in others[:_NEAREST]:
            after = (_with(one, place, other[place]), _with(other, place, one[place]))
            against = frozenset(traits for traits in (one, other) if traits not in free)
            yield _Change(self._differing((one, other), after), against)

    def _other_values(self, one: Traits, place: int) -> Iterator[_Change]:
        against = frozenset[Traits]() if one in self.people.open[place] else frozenset({one})
        for value in sorted({other[place] for other in self.people.number} - {one[place]}, key=repr):
            yield _Change(self._differing((one,), (_with(one, place, value),)), against)

    def _differing(self, before: Sequence[Traits], after: Sequence[Traits]) -> frozenset[Key]:
        changed: Counter[Key] = Counter()
        for traits in after:
            changed.update(self.people.counted_in(traits))
        for traits in before:
            changed.subtract(self.people.counted_in(traits))
        return frozenset(key for key, by in changed.items() if by)


def _distance(one: Traits, other: Traits) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _with(traits: Traits, place: int, value: Hashable) -> Traits:
    return (*traits[:place], value, *traits[place + 1 :])
