"""The de-identified variant: which rows may be shown as they are, and which counts must be hidden.

Row sheets (02–06) keep only coarse columns, no ids and no link between sheets, and only rows that stand at least
five times word for word; so 05 and 06 may well be empty. Sheets 07 and 08 hide counts under five, and more of them
until none can be worked out, not even with the help of the shown rows. Villages are not shown, only wards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from exports.ministry.cells import Cell, Row, Sheet
from exports.ministry.counts import (
    ALL,
    CLASSES,
    DIMENSIONS,
    SEXES,
    ChildTraits,
    Counts,
    Visit,
    child_keys,
    traits_of,
    visit_keys,
    visit_of,
)
from exports.ministry.round import Round
from exports.ministry.totals import GROUP_MEASURES, UNIT_MEASURES
from exports.privacy import Key, People, Traits, common_rows, suppress

# The row sheets, and the value that says whose row it is.
ROW_IDS = {
    "02": "household.id",
    "03": "child.id",
    "04": "job.child_id",
    "05": "child.id",
    "06": "child.id",
}
# By trait, in the order of the traits: the row sheets that show something of it.
_CHILD_SHEETS = {
    "place": ("03", "05", "06"),
    "sex": ("03", "05", "06"),
    "judgement": ("03", "05", "06"),
    "work": ("03", "04"),
    "school": ("03",),
    "age": ("03", "05", "06"),
    "ethnicity": (),
    "supported": (),
}
_VISIT_SHEETS = {"rows": ("02",), "result": ("02",)}


@dataclass(frozen=True)
class RowSheet:
    """A row sheet in its coarse columns, and whose row each row is."""

    number: str
    sheet: Sheet
    ids: tuple[str, ...]

    @property
    def words(self) -> list[tuple[Cell, ...]]:
        """The rows without their running numbers, which say nothing."""
        return [_coarse(self.sheet, row) for row in self.sheet.rows]

    def without(self, leaving: set[str], shown: Sequence[bool]) -> list[bool]:
        """The shown rows, less those of the leaving and all that read the same."""
        words = self.words
        gone = {row for row, name in zip(words, self.ids, strict=True) if name in leaving}
        return [show and row not in gone for row, show in zip(words, shown, strict=True)]

    def only(self, shown: Sequence[bool]) -> Sheet:
        """The shown rows, sorted by their words so that their order tells nothing, numbered anew."""
        kept = sorted(
            compress(self.sheet.rows, shown), key=lambda row: list(map(str, _coarse(self.sheet, row)))
        )
        rows = (_numbered(self.sheet, row, number) for number, row in enumerate(kept, start=1))
        return Sheet(self.sheet.plan, tuple(rows))


def _coarse(sheet: Sheet, row: Row) -> tuple[Cell, ...]:
    pairs = zip(sheet.columns, row.cells, strict=True)
    return tuple(cell for column, cell in pairs if column.source != "row.number")


def _numbered(sheet: Sheet, row: Row, number: int) -> Row:
    pairs = zip(sheet.columns, row.cells, strict=True)
    cells = tuple(number if column.source == "row.number" else cell for column, cell in pairs)
    return replace(row, cells=cells)


@dataclass(frozen=True)
class Release:
    """The row sheets with their publishable rows, and the hidden counts of 07 and 08."""

    sheets: dict[str, Sheet]
    hidden: frozenset[Key]


def release(rounded: Round, counts: Counts, rows: Sequence[RowSheet]) -> Release:
    """What may be published of a round: rows give way where they would give a small count away."""
    populations = (_children(rounded, counts), _households(rounded, counts))
    shown = {sheet.number: common_rows(sheet.words) for sheet in rows}
    while True:
        names = {sheet.number: set(compress(sheet.ids, shown[sheet.number])) for sheet in rows}
        found = [(group, suppress(group.people(names), group.published)) for group in populations]
        leaving = {name for group, result in found for name in group.named(result.give_way)}
        if not leaving:
            hidden = frozenset[Key]().union(*(result.hidden for _, result in found))
            return Release({sheet.number: sheet.only(shown[sheet.number]) for sheet in rows}, hidden)
        shown = {sheet.number: sheet.without(leaving, shown[sheet.number]) for sheet in rows}


@dataclass(frozen=True)
class _Population:
    """All children, or all households, with their traits."""

    members: Sequence[tuple[str, Traits]]
    sheets: Mapping[str, tuple[str, ...]]  # by trait, in order
    counted_in: Callable[[Traits], frozenset[Key]]
    published: set[Key]

    def people(self, names: Mapping[str, set[str]]) -> People:
        """As a reader sees them who has the rows of the named in every sheet."""
        free: list[set[Traits]] = [set() for _ in self.sheets]
        unproved: set[Traits] = set()
        mine = {sheet for sheets in self.sheets.values() for sheet in sheets}
        for name, traits in self.members:
            proving = {sheet for sheet in mine if name in names[sheet]}
            for open_, showing in zip(free, self.sheets.values(), strict=True):
                if proving.isdisjoint(showing):
                    open_.add(traits)
            if not proving:
                unproved.add(traits)
        return People(Counter(traits for _, traits in self.members), self.counted_in, free, unproved)

    def named(self, traits: frozenset[Traits]) -> set[str]:
        return {name for name, has in self.members if has in traits}


def _children(rounded: Round, counts: Counts) -> _Population:
    members = [(child.id, traits_of(child, rounded, villages=False)) for child in rounded.children]
    return _Population(members, _CHILD_SHEETS, _child_keys, _published(counts, _CHILD_MEASURES))


def _child_keys(traits: Traits) -> frozenset[Key]:
    return child_keys(ChildTraits(*traits))  # type: ignore[arg-type]


def _households(rounded: Round, counts: Counts) -> _Population:
    members = [(home.id, visit_of(home, rounded, villages=False)) for home in rounded.snapshot.households]
    return _Population(members, _VISIT_SHEETS, _visit_keys, _published(counts, _VISIT_MEASURES))


def _visit_keys(traits: Traits) -> frozenset[Key]:
    return visit_keys(Visit(*traits))  # type: ignore[arg-type]


_VISIT_MEASURES = ("visited", "surveyed", "refused", "not_met")
_CHILD_MEASURES = (
    *(name for name in UNIT_MEASURES if name not in _VISIT_MEASURES),
    *(f"class.{name}" for name in CLASSES),
)


def _published(counts: Counts, measures: Sequence[str]) -> set[Key]:
    published: set[Key] = {("07", row, measure) for row in counts.rows for measure in measures}
    if measures is _VISIT_MEASURES:
        return published
    groups = ((dimension, group) for dimension in DIMENSIONS for group in counts.groups.get(dimension, ()))
    return published | {
        ("08", dimension, group, sex, measure)
        for dimension, group in groups
        for sex in (ALL, *SEXES)
        for measure in ("children", *GROUP_MEASURES)
    }
